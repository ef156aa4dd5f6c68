from unittest import mock

import tensorflow as tf
from absl.testing import absltest

from autometa_tf.candidates import describe_sitting as lib
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.networks.network_kinds import Cell

_CELL = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
_CONFIG = CandidateConfig(
    image_shape=(8, 8, 1),
    network=NetworkConfig(),
    episodes=EpisodeConfig(ways=2),
    reptile=ReptileConfig(meta_batch_size=12),
    scoring=ScoringConfig(),
    computation=ComputationConfig(num_parallel_episodes=1),
)


class SittingTest(absltest.TestCase):
    def test_it_tells_what_this_process_computes_with(self):
        found = describe_sitting(_CONFIG, _CELL)
        self.assertEqual(found.num_parallel_episodes, 1)
        self.assertEqual(found.kernels, lib.kernel_path())
        self.assertEqual(found.tensorflow, tf.__version__)

    def test_the_processor_is_the_model_in_cpuinfo(self):
        content = "processor\t: 0\nmodel name\t: Z80 at 4 MHz\nflags\t: none\n"
        with mock.patch("builtins.open", mock.mock_open(read_data=content)):
            self.assertEqual(describe_sitting(_CONFIG, _CELL).processor, "Z80 at 4 MHz")

    def test_gpus_come_before_the_cpu(self):
        with mock.patch.object(lib, "gpu_names", lambda: ["H1", "H2"]):
            self.assertEqual(describe_sitting(_CONFIG, _CELL).processor, "H1, H2")


if __name__ == "__main__":
    absltest.main()
