import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.schedules import inner_adam


class SchedulesTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(0, 1, 25_000, 50_000, 99_999)
    def test_the_rate_is_that_with_which_learners_are_scored(self, iteration):
        config = ReptileConfig(
            final_inner_learning_rate=0.001, outer_iterations=100_000, inner_beta1=0.5
        )
        adam = inner_adam(config, tf.constant(iteration, tf.int64))
        expected = 0.0055 + 0.0045 * np.cos(np.pi * iteration / 100_000)
        self.assertAllClose(adam.inner_learning_rate, expected, rtol=1e-6, atol=0)
        self.assertEqual(adam.inner_beta1, 0.5)
        scored_with = config.adam_after(iteration + 1).inner_learning_rate
        self.assertAllClose(scored_with, expected, rtol=1e-12, atol=0)

    def test_without_a_final_rate_it_is_the_configurations(self):
        config = ReptileConfig(inner_learning_rate=0.02)
        self.assertEqual(inner_adam(config, tf.constant(7, tf.int64)), config.adam)


if __name__ == "__main__":
    tf.test.main()
