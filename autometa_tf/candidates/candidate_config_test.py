import pickle

from absl.testing import absltest, parameterized

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig


def _config(ways=3, **fields):
    return CandidateConfig(
        network=NetworkConfig(image_shape=(8, 8, 1), ways=ways),
        episodes=EpisodeConfig(ways=3),
        reptile=ReptileConfig(),
        scoring=ScoringConfig(),
        **fields,
    )


class CandidateConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ({"seed": -1}, "`seed` must be"),
        ({"seed": 2**32}, "`seed` must be"),
        ({"num_parallel_episodes": 0}, "`num_parallel_episodes` must be at least 1"),
        ({"ways": 4}, "`ways` must be the same .*Received: 4 and 3"),
    )
    def test_refuses_what_contradicts_itself(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            _config(**fields)

    def test_configuration_travels_to_workers(self):
        config = _config(seed=7)
        self.assertEqual(pickle.loads(pickle.dumps(config)), config)


if __name__ == "__main__":
    absltest.main()
