import keras
import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.networks.layer_weights import TiledInitializer
from autometa_tf.networks.layers import (
    ParallelConcatenate,
    ParallelConv2D,
    ParallelDense,
    normalize_with_batch_statistics,
)
from autometa_tf.testing.grouped_gradients import skip_without_grouped_gradients


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _copy(values, copy, num_copies):
    """The channels of one copy."""
    return np.split(np.asarray(values), num_copies, axis=-1)[copy]


def _with_weights(layer, inputs, weights):
    layer(inputs)
    layer.set_weights(weights)
    return layer


def _output_and_gradients(layer, x, dy):
    """The output, and the gradients of `sum(output * dy)` for `x` and each weight."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    gradients = tape.gradient(y, [x, *layer.trainable_variables], output_gradients=dy)
    return [y, *gradients]


class NormalizationTest(tf.test.TestCase, parameterized.TestCase):
    def _reference(self, x, gamma, beta, dy):
        """Output and gradients of the textbook formula, differentiated in float64."""
        x, gamma, beta, dy = (
            tf.constant(value, tf.float64) for value in (x, gamma, beta, dy)
        )
        with tf.GradientTape() as tape:
            tape.watch([x, gamma, beta])
            mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
            y = (x - mean) / tf.sqrt(variance + 1e-3) * gamma + beta
        return [y, *tape.gradient(y, [x, gamma, beta], output_gradients=dy)]

    def _compute(self, x, gamma, beta, dy):
        x, gamma, beta = map(tf.constant, (x, gamma, beta))
        with tf.GradientTape() as tape:
            tape.watch([x, gamma, beta])
            y = normalize_with_batch_statistics(x, gamma, beta)
        return [y, *tape.gradient(y, [x, gamma, beta], output_gradients=dy)]

    @parameterized.named_parameters(
        ("images", (10, 7, 5, 6), 1.0, 0.0),
        ("rows", (4, 3), 1.0, 0.0),
        ("one_image", (1, 5, 5, 4), 1.0, 0.0),
        ("one_row", (1, 1, 1, 4), 1.0, 0.0),
        ("tiny_variance", (6, 4, 4, 3), 1e-3, 0.5),
        ("far_from_zero", (6, 4, 4, 3), 1.0, 10.0),
    )
    def test_equals_textbook_formula_and_its_gradients(self, shape, deviation, mean):
        x = deviation * _normal(*shape) + mean
        gamma, beta = _normal(shape[-1], seed=1), _normal(shape[-1], seed=2)
        dy = _normal(*shape, seed=3)
        computed = self._compute(x, gamma, beta, dy)
        for value, expected in zip(
            computed, self._reference(x, gamma, beta, dy), strict=True
        ):
            tolerance = 2e-4 * max(1.0, np.abs(expected).max())
            self.assertAllClose(value, expected, rtol=0, atol=tolerance)

    def test_moments_of_the_output_are_beta_and_gamma(self):
        x = 3.0 * _normal(20, 8, 8, 2) + 1.0
        y = normalize_with_batch_statistics(x, tf.constant([1.0, 2.0]), [5.0, -1.0])
        self.assertAllClose(np.mean(y, axis=(0, 1, 2)), [5.0, -1.0], atol=1e-4)
        self.assertAllClose(np.std(y, axis=(0, 1, 2)), [1.0, 2.0], atol=1e-3)

    def test_a_constant_channel_becomes_beta_and_has_no_gradient(self):
        x = np.full((3, 4, 4, 2), 0.7, np.float32)
        y, dx, dgamma, _ = self._compute(
            x, np.ones(2, np.float32), np.float32([3.0, -2.0]), _normal(3, 4, 4, 2)
        )
        self.assertAllClose(y, np.broadcast_to([3.0, -2.0], y.shape), atol=1e-4)
        self.assertAllClose(tf.reduce_sum(dx, axis=(0, 1, 2)), [0.0, 0.0], atol=1e-2)
        self.assertAllClose(dgamma, [0.0, 0.0], atol=1e-2)


class ParallelConv2DTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.product(
        kernel_size=((1, 1), (3, 3), (1, 5), (5, 1)), stride=(1, 2), height=(8, 9)
    )
    def test_equals_plain_convolution(self, kernel_size, stride, height):
        x = _normal(3, height, 7, 4)
        layer = ParallelConv2D(6, kernel_size, stride=stride)
        y = layer(x)
        kernel = tf.constant(layer.kernel, tf.float64)
        expected = tf.nn.conv2d(tf.constant(x, tf.float64), kernel, stride, "SAME")
        self.assertAllClose(y, expected, atol=1e-5)
        self.assertEqual(tuple(y.shape), layer.compute_output_shape(x.shape))

    @parameterized.product(kernel_size=((1, 1), (3, 3)), stride=(1, 2), copies=(2, 5))
    def test_copies_equal_separate_convolutions(self, kernel_size, stride, copies):
        skip_without_grouped_gradients()
        x = _normal(2, 8, 9, copies * 3)
        kernel = _normal(*kernel_size, 3, copies * 4, seed=1)
        settings = {"kernel_size": kernel_size, "stride": stride}
        layer = _with_weights(
            ParallelConv2D(4, num_parallel_episodes=copies, **settings), x, [kernel]
        )
        dy = _normal(*layer.compute_output_shape(x.shape), seed=2)
        together = _output_and_gradients(layer, x, dy)
        for copy in range(copies):
            own_x = _copy(x, copy, copies)
            one = _with_weights(
                ParallelConv2D(4, **settings), own_x, [_copy(kernel, copy, copies)]
            )
            alone = _output_and_gradients(one, own_x, _copy(dy, copy, copies))
            for value, expected in zip(together, alone, strict=True):
                self.assertAllClose(_copy(value, copy, copies), expected, atol=2e-4)

    def test_a_cancelled_bias_counts_and_does_nothing(self):
        x = _normal(2, 8, 8, 3)
        layer = ParallelConv2D(4, (3, 3), cancelled_bias=True, seed=1)
        y = layer(x)
        self.assertEqual(layer.count_params(), 3 * 3 * 3 * 4 + 4)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, bias + 5.0])
        self.assertAllEqual(layer(x), y)

    @parameterized.parameters(4, 16)  # TensorFlow's own normalisation serves 16.
    def test_the_batchs_statistics_normalize_in_inference_too(self, filters):
        x = _normal(5, 6, 6, 3)
        layer = ParallelConv2D(filters, (3, 3), normalize=True, seed=1)
        self.assertAllEqual(layer(x, training=False), layer(x, training=True))
        self.assertEmpty(layer.non_trainable_variables)
        kernel, gamma, beta = layer.get_weights()
        gamma, beta = _normal(filters, seed=2), _normal(filters, seed=3)
        layer.set_weights([kernel, gamma, beta])
        plain = ParallelConv2D(filters, (3, 3))
        convolved = np.float64(_with_weights(plain, x, [kernel])(x))
        mean, variance = convolved.mean((0, 1, 2)), convolved.var((0, 1, 2))
        expected = (convolved - mean) / np.sqrt(variance + 1e-3) * gamma + beta
        self.assertAllClose(layer(x), expected, atol=1e-4)


class ParallelConcatenateTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(1, 3)
    def test_concatenates_copy_by_copy(self, copies):
        inputs = [_normal(2, 4, 5, copies * 3, seed=seed) for seed in range(4)]
        layer = ParallelConcatenate(num_parallel_episodes=copies)
        y = layer(inputs)
        for copy in range(copies):
            expected = np.concatenate([_copy(x, copy, copies) for x in inputs], axis=-1)
            self.assertAllEqual(_copy(y, copy, copies), expected)
        self.assertEqual(
            tuple(y.shape), layer.compute_output_shape([x.shape for x in inputs])
        )


class ParallelDenseTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.product(shape=((6,), (2, 3, 6)), copies=(1, 3))
    def test_copies_equal_separate_dense_layers(self, shape, copies):
        x = _normal(4, *shape[:-1], copies * shape[-1])
        layer = ParallelDense(5, num_parallel_episodes=copies)
        num_features = int(np.prod(shape))
        weights = [_normal(num_features, copies * 5, seed=1), _normal(copies * 5)]
        _with_weights(layer, x, weights)
        dy = _normal(4, copies * 5, seed=2)
        y, dx, dkernel, dbias = _output_and_gradients(layer, x, dy)
        kernel, bias = weights
        for copy in range(copies):
            rows = keras.layers.Flatten()(_copy(x, copy, copies)).numpy()
            own_dy = _copy(dy, copy, copies)
            own_kernel = _copy(kernel, copy, copies)
            expected = rows @ own_kernel + _copy(bias, copy, copies)
            self.assertAllClose(_copy(y, copy, copies), expected, atol=1e-5)
            own_dx = (own_dy @ own_kernel.T).reshape(4, *shape)
            self.assertAllClose(_copy(dx, copy, copies), own_dx, atol=1e-5)
            self.assertAllClose(
                _copy(dkernel, copy, copies), rows.T @ own_dy, atol=1e-5
            )
            self.assertAllClose(_copy(dbias, copy, copies), own_dy.sum(0), atol=1e-5)


class TiledInitializerTest(tf.test.TestCase):
    def test_every_copy_is_drawn_as_if_alone(self):
        plain = keras.initializers.GlorotUniform(seed=7)
        tiled = TiledInitializer(keras.initializers.GlorotUniform(seed=7), 3)
        expected = plain((3, 3, 4, 2))
        value = tiled((3, 3, 4, 6))
        for copy in range(3):
            self.assertAllEqual(_copy(value, copy, 3), expected)


if __name__ == "__main__":
    tf.test.main()
