"""Each operation and each gradient against TensorFlow's own."""

import itertools

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.networks import forward_operations as forward

# One whose strided windows begin outside the image, and one where they do not.
_SIZES = ((6, 7), (9, 4))
_BATCH, _CHANNELS, _FILTERS = 3, 4, 5


def _normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


class ForwardOperationsTest(tf.test.TestCase, parameterized.TestCase):
    def check(self, found, expected, *arguments):
        """Compares two functions of the same arguments, and all their gradients."""
        arguments = [tf.constant(argument) for argument in arguments]
        values = []
        for function in (found, expected):
            with tf.GradientTape() as tape:
                tape.watch(arguments)
                y = function(*arguments)
            dy = tf.constant(_normal(*y.shape), tf.float32)
            values.append([y, *tape.gradient(y, arguments, dy)])
        for mine, theirs in zip(*values, strict=True):
            self.assertAllClose(mine, theirs, rtol=1e-5, atol=1e-5)

    @parameterized.parameters(
        itertools.product(_SIZES, ((3, 3), (1, 5), (5, 1), (1, 1), (2, 4)), (1, 2, 3))
    )
    def test_convolution(self, size, kernel_size, stride):
        self.check(
            lambda x, kernel: forward.convolve(x, kernel, stride),
            lambda x, kernel: tf.nn.conv2d(x, kernel, stride, "SAME"),
            _normal(_BATCH, *size, _CHANNELS),
            _normal(*kernel_size, _CHANNELS, _FILTERS),
        )

    def test_rectifier(self):
        x = _normal(_BATCH, 6, 7, _CHANNELS)
        x[0] = 0
        self.check(forward.rectify, tf.nn.relu, x)

    def test_cross_entropy(self):
        labels, weights = [2, 0, 1], [0.5, 0.5, 0.0]
        self.check(
            lambda logits: forward.cross_entropy(
                logits, tf.one_hot(labels, 4), tf.constant(weights)
            ),
            lambda logits: tf.reduce_sum(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits) * weights
            ),
            _normal(_BATCH, 4),
        )

    @parameterized.parameters(itertools.product(_SIZES, (1, 2, 3), (1, 2, 3)))
    def test_average_pooling(self, size, window, stride):
        self.check(
            lambda x: forward.average_pool(x, window, stride),
            lambda x: tf.nn.avg_pool2d(x, window, stride, "SAME"),
            _normal(_BATCH, *size, _CHANNELS),
        )

    @parameterized.parameters(
        itertools.product(_SIZES, (1, 2, 3), (1, 2, 3), ("all differ", "many equal"))
    )
    def test_max_pooling(self, size, window, stride, values):
        x = _normal(_BATCH, *size, _CHANNELS)
        if values == "many equal":
            x = np.round(x)
        self.check(
            lambda x: forward.max_pool(x, window, stride),
            lambda x: tf.nn.max_pool2d(x, window, stride, "SAME"),
            x,
        )


if __name__ == "__main__":
    tf.test.main()
