"""The kernels against float64, and against TensorFlow's own operations.

A target of its own runs this for each instruction set; `AUTOMETA_KERNELS` names it.
"""

import concurrent.futures
import os
import unittest

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import gather_side_by_side
from autometa_tf.kernels import operations
from autometa_tf.kernels.library import load_kernels

_WINDOWS = ((1, 1), (3, 3), (1, 5), (5, 1), (2, 2), (5, 5))


def setUpModule():
    try:
        kernels = load_kernels()
    except ValueError as error:
        raise unittest.SkipTest(f"not on this machine: {error}") from error
    if kernels.path == "off":
        raise unittest.SkipTest(f"no kernels: {kernels.reason}")
    wanted = os.environ.get("AUTOMETA_KERNELS") or kernels.path
    if kernels.path != wanted:
        raise AssertionError(f"{kernels.path} runs, not {wanted}")


def _batch_last(x):
    """`[B, H, W, E*C] -> [E*C, H, W, B]`."""
    return np.transpose(x, [3, 1, 2, 0])


def _normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def _outputs_and_gradients(function, arguments, dy):
    """The output, and the gradients of `sum(output * dy)` for all arguments."""
    arguments = [tf.constant(argument) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = function(*arguments)
    dy = tf.constant(dy, y.dtype)
    return [y, *tape.gradient(y, arguments, output_gradients=dy)]


class _Convolution:
    """A convolution of random shape, and what it is in float64."""

    def __init__(self, rng):
        self.copies, channels, filters = (int(rng.integers(1, n)) for n in (5, 20, 20))
        batch, height, width = (int(rng.integers(1, n)) for n in (12, 16, 16))
        self.window = _WINDOWS[rng.integers(len(_WINDOWS))]
        self.stride = int(rng.integers(1, 4))
        self.rectify = bool(rng.integers(2))
        self.x = _normal(rng, batch, height, width, self.copies * channels)
        self.kernel = _normal(rng, *self.window, channels, self.copies * filters)
        self.gamma = _normal(rng, self.copies * filters)
        self.beta = _normal(rng, self.copies * filters)
        rows, columns = (-(-n // self.stride) for n in (height, width))
        self.dy = _normal(rng, batch, rows, columns, self.copies * filters)

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
        expected = _outputs_and_gradients(convolution.plain, doubles, convolution.dy)
        settings = {"stride": convolution.stride, "rectify": convolution.rectify}
        found = _outputs_and_gradients(
            lambda *arguments: ours(*arguments, **settings),
            [_batch_last(convolution.x), *weights],
            _batch_last(convolution.dy),
        )
        expected[:2] = [_batch_last(value) for value in expected[:2]]
        for name, a, b in zip("y dx dw dgamma dbeta".split(), expected, found):
            scale = max(1.0, np.abs(a).max())
            self.assertAllClose(
                a / scale, b / scale, rtol=0, atol=tolerance, msg=f"{name}: {convolution}"
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
        x = _normal(rng, 2, 14, 14, 10) + 1000
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
            return _outputs_and_gradients(
                lambda x, kernel: operations.convolve(
                    x, kernel, stride=convolution.stride
                ),
                [_batch_last(convolution.x), convolution.kernel],
                _batch_last(convolution.dy),
            )

        alone = [compute(convolution) for convolution in convolutions]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            together = list(pool.map(compute, convolutions * 3))
        for first, second in zip(alone * 3, together, strict=True):
            for a, b in zip(first, second, strict=True):
                self.assertAllEqual(a, b)

    def test_what_earlier_calls_left_in_memory_makes_no_difference(self):
        rng = np.random.default_rng(0)
        x = _normal(rng, 6, 7, 7, 10)

        def compute():
            results = []
            for pool in (operations.max_pool, operations.average_pool):
                for stride in (1, 2):
                    results += _outputs_and_gradients(
                        lambda x, pool=pool, stride=stride: pool(
                            x, size=3, stride=stride
                        ),
                        [x],
                        np.ones([6, *[-(-7 // stride)] * 2, 10], np.float32),
                    )
            for stride in (1, 2):
                results += _outputs_and_gradients(
                    lambda x, kernel, stride=stride: operations.convolve(
                        x, kernel, stride=stride, rectify=True
                    ),
                    [x, np.ones([3, 3, 6, 5], np.float32)],
                    np.ones([5, *[-(-7 // stride)] * 2, 10], np.float32),
                )
            return results

        first = compute()
        for size in (5, 40):  # NaN everywhere, in many places of all sizes.
            nothing = np.full([12, size, size, 16], np.nan, np.float32)
            for stride in (1, 2):
                for pool in (operations.max_pool, operations.average_pool):
                    y = tf.constant(nothing)
                    with tf.GradientTape() as tape:
                        tape.watch(y)
                        pooled = pool(y, size=3, stride=stride)
                    tape.gradient(pooled, y, output_gradients=pooled)
                _outputs_and_gradients(
                    lambda x, w, stride=stride: operations.convolve(
                        x, w, stride=stride
                    ),
                    [nothing, np.full([3, 3, 12, 8], np.nan, np.float32)],
                    np.full([8, *[-(-size // stride)] * 2, 16], np.nan, np.float32),
                )
        for a, b in zip(first, compute(), strict=True):
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


class PoolingTest(tf.test.TestCase, parameterized.TestCase):
    def _check(self, ours, theirs, x, size, stride):
        dy = _normal(
            np.random.default_rng(0), *theirs(tf.constant(x), size, stride, "SAME").shape
        )
        expected = _outputs_and_gradients(
            lambda x: theirs(x, size, stride, "SAME"), [x], dy
        )
        found = _outputs_and_gradients(
            lambda x: ours(x, size=size, stride=stride), [x], dy
        )
        for a, b in zip(expected, found, strict=True):
            self.assertAllClose(a, b, rtol=1e-5, atol=1e-5)

    # TensorFlow reads `[E*C, H, W, B]` as N images with B channels: it is its layout.
    @parameterized.parameters(range(6))
    def test_random_shapes_with_ties(self, seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            shape = [int(rng.integers(1, n)) for n in (9, 16, 16, 20)]
            size, stride = int(rng.integers(1, 5)), int(rng.integers(1, 4))
            x = rng.integers(-2, 3, shape).astype(np.float32)
            self._check(operations.max_pool, tf.nn.max_pool2d, x, size, stride)
            self._check(operations.average_pool, tf.nn.avg_pool2d, x, size, stride)

    def test_flat_images_share_the_gradient_as_tensorflow_does(self):
        x = np.ones([2, 7, 7, 3], np.float32)
        for stride in (1, 2):
            self._check(operations.max_pool, tf.nn.max_pool2d, x, 3, stride)

    @parameterized.parameters(np.nan, np.inf)
    def test_what_is_not_finite_passes_through(self, value):
        for position in range(3):
            x = np.zeros([1, 3, 3, 2], np.float32)
            x[0, position, 1, 1] = value
            for pool in (operations.max_pool, operations.average_pool):
                y = pool(x, size=3, stride=3).numpy()
                self.assertFalse(np.isfinite(y[0, 0, 0, 1]))
                self.assertEqual(y[0, 0, 0, 0], 0)


class GatherTest(tf.test.TestCase):
    def test_it_is_the_samplers_gather_transposed(self):
        rng = np.random.default_rng(0)
        images = tf.constant(rng.integers(0, 256, [7, 5, 6, 3]).astype(np.uint8))
        rows = tf.constant(rng.integers(0, 7, [4, 2]).astype(np.int32))
        expected = _batch_last(gather_side_by_side(images, rows))
        self.assertAllEqual(operations.gather_images(images, rows), expected)


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
