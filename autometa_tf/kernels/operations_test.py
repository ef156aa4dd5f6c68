"""Convolutions against float64.

A target of its own runs this for each instruction set; `AUTOMETA_KERNELS` names it.
"""

import concurrent.futures

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.kernels import operations
from autometa_tf.kernels.library import load_kernels
from autometa_tf.testing.kernel_checks import (
    batch_last,
    normal,
    outputs_and_gradients,
    require_kernels,
)

_WINDOWS = ((1, 1), (3, 3), (1, 5), (5, 1), (2, 2), (5, 5))


def setUpModule():
    require_kernels()


class _Convolution:
    """A convolution of random shape, and what it is in float64."""

    def __init__(self, rng):
        self.copies, channels, filters = (int(rng.integers(1, n)) for n in (5, 20, 20))
        batch, height, width = (int(rng.integers(1, n)) for n in (12, 16, 16))
        self.window = _WINDOWS[rng.integers(len(_WINDOWS))]
        self.stride = int(rng.integers(1, 4))
        self.rectify = bool(rng.integers(2))
        self.x = normal(rng, batch, height, width, self.copies * channels)
        self.kernel = normal(rng, *self.window, channels, self.copies * filters)
        self.gamma = normal(rng, self.copies * filters)
        self.beta = normal(rng, self.copies * filters)
        rows, columns = (-(-n // self.stride) for n in (height, width))
        self.dy = normal(rng, batch, rows, columns, self.copies * filters)

    def __str__(self):
        return (
            f"x{self.x.shape} kernel{self.kernel.shape} stride {self.stride} "
            f"rectify {self.rectify}"
        )

    def plain(self, x, kernel, gamma=None, beta=None):
        """Copy by copy with TensorFlow's convolution, and the textbook's moments."""
        x = tf.nn.relu(x) if self.rectify else x
        parts = zip(
            tf.split(x, self.copies, -1), tf.split(kernel, self.copies, -1), strict=True
        )
        y = tf.concat([tf.nn.conv2d(*part, self.stride, "SAME") for part in parts], -1)
        if gamma is None:
            return y
        mean, variance = tf.nn.moments(y, [0, 1, 2])
        return (y - mean) / tf.sqrt(variance + 1e-3) * gamma + beta


class ConvolutionTest(tf.test.TestCase, parameterized.TestCase):
    def _check(self, convolution, weights, ours, tolerance):
        doubles = [value.astype(np.float64) for value in (convolution.x, *weights)]
        expected = outputs_and_gradients(convolution.plain, doubles, convolution.dy)
        settings = {"stride": convolution.stride, "rectify": convolution.rectify}
        found = outputs_and_gradients(
            lambda *arguments: ours(*arguments, **settings),
            [batch_last(convolution.x), *weights],
            batch_last(convolution.dy),
        )
        expected[:2] = [batch_last(value) for value in expected[:2]]
        names = ["y", "dx", "dw", "dgamma", "dbeta"][: len(expected)]
        for name, a, b in zip(names, expected, found, strict=True):
            scale = max(1.0, np.abs(a).max())
            self.assertAllClose(
                a / scale,
                b / scale,
                rtol=0,
                atol=tolerance,
                msg=f"{name}: {convolution}",
            )

    @parameterized.parameters(range(10))
    def test_random_shapes(self, seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            convolution = _Convolution(rng)
            self._check(convolution, [convolution.kernel], operations.convolve, 3e-6)

    @parameterized.parameters(range(10))
    def test_random_shapes_with_normalization(self, seed):
        rng = np.random.default_rng(100 + seed)

        def ours(*arguments, **settings):
            return operations.convolve_normalize(*arguments, epsilon=1e-3, **settings)

        for _ in range(10):
            convolution = _Convolution(rng)
            if convolution.dy[..., 0].size < 8:
                continue  # Few numbers with a variance near 0 magnify any rounding.
            weights = [convolution.kernel, convolution.gamma, convolution.beta]
            self._check(convolution, weights, ours, 2e-5)

    def test_a_mean_far_from_zero_keeps_its_digits(self):
        rng = np.random.default_rng(0)
        x = normal(rng, 2, 14, 14, 10) + 1000
        kernel = np.tile(np.eye(1, dtype=np.float32), (1, 1, 1, 2))
        y = operations.convolve_normalize(
            x, kernel, tf.ones(2), tf.zeros(2), epsilon=1e-3
        )
        doubles = x.astype(np.float64)
        mean = doubles.mean(axis=(1, 2, 3), keepdims=True)
        deviation = np.sqrt(doubles.var(axis=(1, 2, 3), keepdims=True) + 1e-3)
        self.assertAllClose(y, (doubles - mean) / deviation, atol=1e-3)

    def test_images_get_no_gradient_when_nobody_asks(self):
        x, kernel = tf.ones([2, 5, 5, 3]), tf.ones([3, 3, 2, 4])
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = operations.convolve(x, kernel, needs_input_gradient=False)
        dx, dkernel = tape.gradient(y, [x, kernel])
        self.assertIsNone(dx)
        self.assertEqual(dkernel.shape, kernel.shape)

    @parameterized.parameters(np.nan, np.inf)
    def test_what_is_not_finite_passes_through(self, value):
        x = np.ones([1, 5, 5, 3], np.float32)
        x[0, 2, 2, 1] = value
        for rectify in (False, True):
            y = operations.convolve(x, np.ones([3, 3, 1, 1], "f"), rectify=rectify)
            touched = ~np.isfinite(y.numpy())
            self.assertTrue(touched[0, 1:4, 1:4, 1].all())
            self.assertEqual(touched.sum(), 9)

    def test_the_same_bits_on_each_run_and_on_two_threads_at_once(self):
        rng = np.random.default_rng(0)
        convolutions = [_Convolution(rng) for _ in range(8)]

        def compute(convolution):
            return outputs_and_gradients(
                lambda x, kernel: operations.convolve(
                    x, kernel, stride=convolution.stride
                ),
                [batch_last(convolution.x), convolution.kernel],
                batch_last(convolution.dy),
            )

        alone = [compute(convolution) for convolution in convolutions]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            together = list(pool.map(compute, convolutions * 3))
        for first, second in zip(alone * 3, together, strict=True):
            for a, b in zip(first, second, strict=True):
                self.assertAllEqual(a, b)

    @parameterized.named_parameters(
        ("channels", [5, 4, 4, 2], [3, 3, 2, 4], "multiple"),
        ("filters", [4, 4, 4, 2], [3, 3, 2, 3], "multiple"),
        ("axes", [4, 4, 4], [3, 3, 2, 4], "4 axes"),
        ("nothing", [4, 0, 4, 2], [3, 3, 2, 4], "empty"),
    )
    def test_a_wrong_shape_is_an_error(self, x, kernel, message):
        module = load_kernels().module
        with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
            module.autometa_convolve(
                x=tf.zeros(x), w=tf.zeros(kernel), stride=1, rectify=False
            )

    def test_wrong_shapes_in_all_places_are_errors(self):
        module = load_kernels().module
        x, w, short = tf.zeros([4, 4, 4, 2]), tf.zeros([3, 3, 2, 6]), tf.zeros([5])
        y, six = tf.zeros([6, 4, 4, 2]), tf.zeros([6])
        conv = {"stride": 1, "rectify": False}
        pool = {"size": 2, "stride": 2, "is_maximum": True}
        grad = module.autometa_convolve_normalize_gradient
        whole = {"x": x, "w": w, "z": y, "gamma": six, "mean": six, "dy": y}
        whole |= {"inverse_deviation": six}
        calls = [
            lambda: module.autometa_convolve_normalize(
                x=x, w=w, gamma=short, beta=six, epsilon=1e-3, **conv
            ),
            lambda: module.autometa_convolve_gradient(
                x=x, w=w, dy=x, needs_input_gradient=True, **conv
            ),
            lambda: module.autometa_pool(x=six, **pool),
            lambda: module.autometa_pool_gradient(x=x, y=x, dy=x, **pool),
            lambda: module.autometa_pool(x=x, size=2, stride=0, is_maximum=True),
            lambda: module.autometa_gather_images(
                images=tf.zeros([2, 3, 3, 1], tf.uint8), rows=tf.constant([[2]])
            ),
        ] + [
            lambda name=name: grad(**(whole | {name: short}), **conv)
            for name in whole
            if name not in ("x", "w")
        ]
        for call in calls:
            with self.assertRaises(tf.errors.InvalidArgumentError):
                call()


class ShapeTest(tf.test.TestCase):
    def test_shapes_are_known_when_a_function_is_traced(self):
        @tf.function(input_signature=[tf.TensorSpec([6, 7, 9, None])])
        def compute(x):
            y = operations.convolve(x, tf.ones([3, 3, 2, 12]), stride=2)
            self.assertEqual(y.shape.as_list(), [12, 4, 5, None])
            y = operations.max_pool(y, size=3, stride=2)
            self.assertEqual(y.shape.as_list(), [12, 2, 3, None])
            (gradient,) = tf.gradients(y, x)
            self.assertEqual(gradient.shape.as_list(), [6, 7, 9, None])
            return y

        self.assertEqual(compute(tf.ones([6, 7, 9, 4])).shape, [12, 2, 3, 4])


if __name__ == "__main__":
    tf.test.main()
