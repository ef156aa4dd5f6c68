import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.adam import AdamState, adam_update, initial_adam_state
from autometa_tf.learners.adam_config import AdamConfig


class NumpyAdam:
    """Kingma & Ba 2015, algorithm 1, in float64."""

    def __init__(self, learning_rate, beta1, size):
        self.learning_rate, self.beta1 = learning_rate, beta1
        self.m, self.v, self.t = np.zeros(size), np.zeros(size), 0

    def update(self, weights, gradient):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - 0.999**self.t)
        # "epsilon hat" of section 2: added before the bias of v is corrected.
        epsilon = 1e-8 / np.sqrt(1 - 0.999**self.t)
        return weights - self.learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)


class AdamTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(0.0, 0.9)
    def test_equals_numpy_over_several_steps(self, beta1):
        rng = np.random.default_rng(0)
        config = AdamConfig(inner_learning_rate=0.03, inner_beta1=beta1)
        numpy_adam = NumpyAdam(0.03, beta1, 20)
        expected = rng.normal(size=20)
        weights, state = (
            tf.constant(expected, tf.float32),
            initial_adam_state(20, config),
        )
        for _ in range(30):
            gradient = rng.normal(size=20) * np.logspace(-7, 3, 20)
            expected = numpy_adam.update(expected, gradient)
            weights, state = adam_update(
                weights, tf.constant(gradient, tf.float32), state, config
            )
            self.assertAllClose(weights, expected, rtol=1e-5, atol=1e-5)
        self.assertAllClose(state.second_moments, numpy_adam.v, rtol=1e-4)
        self.assertEqual(float(state.step), 30)
        if beta1:
            self.assertAllClose(state.first_moments, numpy_adam.m, rtol=1e-4)

    def test_first_step_has_the_size_of_the_learning_rate(self):
        config = AdamConfig(inner_learning_rate=0.01)
        gradient = tf.constant([1e-3, -1.0, 1e3, 0.0])
        weights, _ = adam_update(
            tf.zeros([4]), gradient, initial_adam_state(4, config), config
        )
        self.assertAllClose(weights, [-0.01, 0.01, -0.01, 0.0], rtol=1e-3)

    def test_without_momentum_no_first_moments_are_kept(self):
        config = AdamConfig(inner_beta1=0.0)
        state = initial_adam_state(7, config)
        self.assertEqual(state.first_moments.shape, (0,))
        _, state = adam_update(tf.ones([7]), tf.ones([7]), state, config)
        self.assertEqual(state.first_moments.shape, (0,))

    def test_carries_on_from_any_state_however_many_steps_it_made(self):
        config = AdamConfig(inner_learning_rate=0.01)
        state = AdamState(tf.zeros([0]), tf.constant([4.0]), tf.constant(1e6))
        weights, _ = adam_update(tf.zeros([1]), tf.constant([2.0]), state, config)
        self.assertAllClose(weights, [-0.01 * 2.0 / 2.0], rtol=1e-5)


if __name__ == "__main__":
    tf.test.main()
