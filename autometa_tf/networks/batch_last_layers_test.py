"""Each layer of kernels against the same layer channels last."""

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.kernels.library import load_kernels
from autometa_tf.networks import batch_last_layers as batch_last
from autometa_tf.networks import layers as channels_last


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _turned(x):
    """`[B, H, W, E*C] -> [E*C, H, W, B]`."""
    return np.transpose(x, [3, 1, 2, 0])


def _outputs_and_gradients(layer, inputs, weights, turn=lambda x: x):
    """The output, and the gradients of its sum times noise, as channels last."""
    inputs = tf.nest.map_structure(lambda x: tf.constant(turn(x)), inputs)
    layer(inputs)
    layer.set_weights(weights)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = layer(inputs)
    back = turn if len(y.shape) == 4 else np.asarray
    y_last = back(y.numpy())
    dy = back(_normal(*y_last.shape, seed=9))
    dx = tape.gradient(y, inputs, output_gradients=tf.constant(dy))
    with tf.GradientTape() as tape:
        y = layer(inputs)
    dw = tape.gradient(y, layer.trainable_variables, output_gradients=tf.constant(dy))
    return [y_last, *[turn(each.numpy()) for each in tf.nest.flatten(dx)], *dw]


class BatchLastLayersTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        if load_kernels().path == "off":
            self.skipTest(f"no kernels: {load_kernels().reason}")

    def check(self, layers, inputs, weights):
        """`layers`: channels last, and batch last."""
        expected = _outputs_and_gradients(layers[0], inputs, weights)
        found = _outputs_and_gradients(layers[1], inputs, weights, _turned)
        for a, b in zip(expected, found, strict=True):
            self.assertAllClose(a, b, rtol=1e-4, atol=2e-4)

    @parameterized.product(
        kernel_size=((3, 3), (1, 1)),
        stride=(1, 2),
        normalize=(False, True),
        copies=(1, 3),
    )
    def test_convolution(self, kernel_size, stride, normalize, copies):
        settings = {
            "stride": stride,
            "normalize": normalize,
            "num_parallel_episodes": copies,
        }
        weights = [_normal(*kernel_size, 3, 4 * copies)]
        if normalize:
            weights += [_normal(4 * copies, seed=1), _normal(4 * copies, seed=2)]
        x = _normal(5, 7, 9, 3 * copies, seed=3)
        if copies == 1:
            layers = [
                channels_last.ParallelConv2D(4, kernel_size, **settings),
                batch_last.BatchLastConv2D(4, kernel_size, **settings),
            ]
            self.check(layers, x, weights)
            return
        # Copies compute what each would alone: channels last may lack their gradients.
        together = _outputs_and_gradients(
            batch_last.BatchLastConv2D(4, kernel_size, **settings), x, weights, _turned
        )
        settings["num_parallel_episodes"] = 1
        for copy in range(copies):
            alone = _outputs_and_gradients(
                batch_last.BatchLastConv2D(4, kernel_size, **settings),
                np.split(x, copies, -1)[copy],
                [np.split(w, copies, -1)[copy] for w in weights],
                _turned,
            )
            y = np.split(together[0], copies, -1)[copy]
            self.assertAllClose(y, alone[0], rtol=1e-6, atol=1e-6)

    def test_it_convolves_what_it_rectifies(self):
        x, kernel = _normal(3, 6, 6, 2), _normal(3, 3, 2, 4)
        rectifying = batch_last.BatchLastConv2D(4, (3, 3), rectify=True)
        found = _outputs_and_gradients(rectifying, x, [kernel], _turned)
        plain = channels_last.ParallelConv2D(4, (3, 3))
        expected = _outputs_and_gradients(plain, np.maximum(x, 0), [kernel])
        expected[1] = np.where(x > 0, expected[1], 0)
        for a, b in zip(expected, found, strict=True):
            self.assertAllClose(a, b, atol=1e-4)

    @parameterized.parameters(1, 3)
    def test_concatenation(self, copies):
        inputs = [_normal(2, 4, 5, copies * 3, seed=seed) for seed in range(4)]
        layers = [
            channels_last.ParallelConcatenate(num_parallel_episodes=copies),
            batch_last.BatchLastConcatenate(num_parallel_episodes=copies),
        ]
        self.check(layers, inputs, [])

    @parameterized.product(size=((1, 1), (2, 3)), copies=(1, 3))
    def test_dense(self, size, copies):
        x = _normal(4, *size, copies * 6)
        weights = [_normal(size[0] * size[1] * 6, copies * 5), _normal(copies * 5)]
        layers = [
            channels_last.ParallelDense(5, num_parallel_episodes=copies),
            batch_last.BatchLastDense(5, num_parallel_episodes=copies),
        ]
        self.check(layers, x, weights)

    def test_the_average_is_of_the_rectified(self):
        x = _normal(4, 3, 5, 6)
        y = batch_last.BatchLastAverage()(_turned(x))
        expected = np.maximum(x, 0).mean(axis=(1, 2))
        self.assertAllClose(tf.transpose(y[:, 0, 0]), expected, atol=1e-6)


if __name__ == "__main__":
    tf.test.main()
