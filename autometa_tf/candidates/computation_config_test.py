from absl.testing import absltest

from autometa_tf.candidates.computation_config import ComputationConfig


class ComputationConfigTest(absltest.TestCase):
    def test_refuses_no_episodes_at_all(self):
        with self.assertRaisesRegex(ValueError, "`num_parallel_episodes` must be .* 0"):
            ComputationConfig(num_parallel_episodes=0)


if __name__ == "__main__":
    absltest.main()
