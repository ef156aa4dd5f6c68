import pickle

from absl.testing import absltest, parameterized

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, Task


def _config(image_shape=(8, 8, 1), **fields):
    return CandidateConfig(
        image_shape=image_shape,
        network=NetworkConfig(),
        episodes=EpisodeConfig(ways=3),
        reptile=ReptileConfig(),
        scoring=ScoringConfig(),
        **fields,
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

    def test_the_task_is_that_of_the_images_and_the_episodes(self):
        self.assertEqual(_config().task, Task(image_shape=(8, 8, 1), ways=3))

    def test_configuration_travels_to_workers(self):
        config = _config(seed=7)
        self.assertEqual(pickle.loads(pickle.dumps(config)), config)


if __name__ == "__main__":
    absltest.main()
