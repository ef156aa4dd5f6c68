import pickle

from absl.testing import absltest, parameterized

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, Task


def _config(**fields):
    return CandidateConfig(
        **{
            "image_shape": (8, 8, 1),
            "network": NetworkConfig(),
            "episodes": EpisodeConfig(ways=3),
            "reptile": ReptileConfig(),
            "scoring": ScoringConfig(),
        }
        | fields
    )


class CandidateConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ({"seed": -1}, "`seed` must be"),
        ({"seed": 2**32}, "`seed` must be"),
        ({"image_shape": (7, 8, 1)}, "`image_shape` must be"),
    )
    def test_refuses_what_no_candidate_can_be(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            _config(**fields)

    @parameterized.parameters(
        (6, 9, None),
        (10, 9, "`inner_batch_size` must be .* `ways`, 3.*Received: 10"),
        (6, 5, "`scoring_inner_batch_size` must be .* `ways`, 3.*Received: 5"),
    )
    def test_balanced_batches_are_of_a_multiple_of_the_ways(
        self, training, scoring, message
    ):
        fields = {
            "reptile": ReptileConfig(
                inner_batch_size=training, class_balanced_batches=True
            ),
            "scoring": ScoringConfig(scoring_inner_batch_size=scoring),
        }
        if message is None:
            _config(**fields)
            return
        with self.assertRaisesRegex(ValueError, message):
            _config(**fields)

    def test_the_task_is_that_of_the_images_and_the_episodes(self):
        self.assertEqual(_config().task, Task(image_shape=(8, 8, 1), ways=3))

    def test_configuration_travels_to_workers(self):
        config = _config(seed=7)
        self.assertEqual(pickle.loads(pickle.dumps(config)), config)


if __name__ == "__main__":
    absltest.main()
