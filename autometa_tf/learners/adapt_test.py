import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.adam import AdamState, initial_adam_state
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.adapt import adapt
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.testing.linear_model import linear_loss_and_gradient, linear_model

_SHAPE, _WAYS = (2, 3, 1), 3


def _batches(num_batches, copies, batch_size=4):
    rng = np.random.default_rng(1)
    images = rng.uniform(size=(num_batches, batch_size, 2, 3, copies))
    labels = rng.integers(0, _WAYS, (num_batches, batch_size, copies))
    return images.astype(np.float32), labels.astype(np.int32)


def _numpy_adapt(weights, images, labels, rate, v, t):
    """The inner loop on one episode, with Adam's beta1 = 0."""
    for x, y in zip(images, labels, strict=True):
        loss, gradient = linear_loss_and_gradient(weights, x, y)
        t, v = t + 1, 0.999 * v + 0.001 * gradient**2
        corrected = np.sqrt(v / (1 - 0.999**t))
        weights = weights - rate * gradient / (corrected + 1e-8)
    return weights, v, t, loss


class AdaptTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.product(copies=(1, 3), compiled=(False, True))
    def test_equals_a_loop_in_numpy(self, copies, compiled):
        model = ParallelModel(
            linear_model(_SHAPE, _WAYS, num_parallel_episodes=copies), copies
        )
        config = AdamConfig(inner_learning_rate=0.05)
        images, labels = _batches(6, copies)
        rng = np.random.default_rng(2)
        starts = rng.normal(size=(copies, model.num_weights))
        moments = rng.uniform(size=(copies, model.num_weights)) * 1e-3

        def run(weights, second_moments):
            batches = tf.constant(images), tf.constant(labels)
            state = AdamState(tf.zeros([0]), second_moments, tf.constant(7.0))
            return adapt(
                model,
                weights,
                state,
                lambda i: (batches[0][i], batches[1][i]),
                tf.constant(6),
                config,
            )

        adapted, state, losses = (tf.function(run) if compiled else run)(
            model.join(tf.constant(starts, tf.float32)),
            model.join(tf.constant(moments, tf.float32)),
        )
        for copy in range(copies):
            weights, v, t, loss = _numpy_adapt(
                starts[copy],
                images[..., copy : copy + 1],
                labels[..., copy],
                0.05,
                moments[copy],
                7,
            )
            self.assertAllClose(model.separate(adapted)[copy], weights, atol=1e-5)
            self.assertAllClose(model.separate(state.second_moments)[copy], v)
            self.assertEqual(float(state.step), t)
            self.assertAllClose(losses[copy], loss, atol=1e-5)

    def test_no_iterations_change_nothing(self):
        model = ParallelModel(linear_model(_SHAPE, _WAYS))
        config = AdamConfig()
        start = tf.constant(model.initial_weights())
        state = initial_adam_state(model.num_weights, config)
        adapted, after, _ = adapt(model, start, state, None, 0, config)
        self.assertAllEqual(adapted, start)
        self.assertAllEqual(after.second_moments, state.second_moments)

    def test_learns_its_batch_by_heart(self):
        model = ParallelModel(linear_model(_SHAPE, _WAYS))
        config = AdamConfig(inner_learning_rate=0.1)
        images, labels = _batches(1, 1, batch_size=3)
        adapted, _, losses = adapt(
            model,
            tf.constant(model.initial_weights()),
            initial_adam_state(model.num_weights, config),
            lambda i: (tf.constant(images[0]), tf.constant(labels[0])),
            100,
            config,
        )
        self.assertLess(float(losses[0]), 0.1)
        predictions = tf.argmax(model.logits(adapted, images[0])[:, 0], -1)
        self.assertAllEqual(predictions, labels[0, :, 0])


if __name__ == "__main__":
    tf.test.main()
