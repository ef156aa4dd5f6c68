from absl.testing import absltest, parameterized

from autometa_tf.learners.distribution_config import DistributionConfig


class DistributionConfigTest(parameterized.TestCase):
    @parameterized.parameters(("strategy", "multi"), ("num_logical_cpus", 0))
    def test_refuses_devices_that_there_are_not(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            DistributionConfig(**{field: value})


if __name__ == "__main__":
    absltest.main()
