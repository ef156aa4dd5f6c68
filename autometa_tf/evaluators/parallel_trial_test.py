from absl.testing import absltest

from autometa_tf.episodes.sampler import EpisodeConfig
from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.parallel_trial import PROBE, measure_parallel_episodes
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring import ScoringConfig
from autometa_tf.networks.network import NetworkConfig


class ParallelTrialTest(absltest.TestCase):
    def test_it_times_one_half_and_all_of_the_meta_batch(self):
        config = CandidateConfig(
            network=NetworkConfig(image_shape=(8, 8, 1), ways=2, num_filters=2),
            episodes=EpisodeConfig(ways=2, shots=1, train_shots=2),
            reptile=ReptileConfig(meta_batch_size=5, inner_iterations=1),
            scoring=ScoringConfig(),
        )
        seconds = measure_parallel_episodes(config, PROBE)
        self.assertEqual(list(seconds), [1, 3, 5])
        self.assertTrue(all(value > 0 for value in seconds.values()), seconds)


if __name__ == "__main__":
    absltest.main()
