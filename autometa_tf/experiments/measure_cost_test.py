from unittest import mock

import tensorflow as tf

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.experiments import measure_cost as lib
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig

_GENOME = Genome((Block(1, "identity", 1, "max_pool3x3"),))
_CONFIG = CandidateConfig(
    image_shape=(8, 8, 1),
    network=NetworkConfig(num_filters=2),
    episodes=EpisodeConfig(ways=3, shots=2, train_shots=4),
    reptile=ReptileConfig(inner_iterations=1, outer_iterations=1, meta_batch_size=2),
    scoring=ScoringConfig(scoring_inner_iterations=1, queries_per_class=3),
    computation=ComputationConfig(num_parallel_episodes=1),
)


class MeasureCostTest(tf.test.TestCase):
    def test_times_are_of_an_iteration_and_an_episode(self):
        # Building takes 8 s by this clock, five iterations 10 s, scoring that traces
        # 7 s, and scoring two episodes 4 s.
        clock = mock.Mock(side_effect=[100.0, 108.0, 118.0, 125.0, 129.0])
        with mock.patch.object(lib, "time", mock.Mock(monotonic=clock)):
            cost = lib.measure_cost(_GENOME, _CONFIG)
        self.assertEqual(cost.num_blocks, 1)
        self.assertAlmostEqual(cost.build_seconds, 8.0 + 3.0)
        self.assertAlmostEqual(cost.iteration_seconds, 2.0)
        self.assertAlmostEqual(cost.episode_seconds, 2.0)
        self.assertGreater(cost.peak_memory_bytes, 2**20)


if __name__ == "__main__":
    tf.test.main()
