"""Pooling against TensorFlow's, the gather against the sampler's, and their memory.

A target of its own runs this for each instruction set; `AUTOMETA_KERNELS` names it.
"""

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import gather_side_by_side
from autometa_tf.kernels import operations
from autometa_tf.testing.kernel_checks import (
    batch_last,
    normal,
    outputs_and_gradients,
    require_kernels,
)


def setUpModule():
    require_kernels()


class PoolingTest(tf.test.TestCase, parameterized.TestCase):
    def _check(self, ours, theirs, x, size, stride):
        dy = normal(
            np.random.default_rng(0),
            *theirs(tf.constant(x), size, stride, "SAME").shape,
        )
        expected = outputs_and_gradients(
            lambda x: theirs(x, size, stride, "SAME"), [x], dy
        )
        found = outputs_and_gradients(
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
        expected = batch_last(gather_side_by_side(images, rows))
        self.assertAllEqual(operations.gather_images(images, rows), expected)


class ScratchMemoryTest(tf.test.TestCase):
    def test_what_earlier_calls_left_in_memory_makes_no_difference(self):
        rng = np.random.default_rng(0)
        x = normal(rng, 6, 7, 7, 10)

        def compute():
            results = []
            for pool in (operations.max_pool, operations.average_pool):
                for stride in (1, 2):
                    results += outputs_and_gradients(
                        lambda x, pool=pool, stride=stride: pool(
                            x, size=3, stride=stride
                        ),
                        [x],
                        np.ones([6, *[-(-7 // stride)] * 2, 10], np.float32),
                    )
            for stride in (1, 2):
                results += outputs_and_gradients(
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
                outputs_and_gradients(
                    lambda x, w, stride=stride: operations.convolve(
                        x, w, stride=stride
                    ),
                    [nothing, np.full([3, 3, 12, 8], np.nan, np.float32)],
                    np.full([8, *[-(-size // stride)] * 2, 16], np.nan, np.float32),
                )
        for a, b in zip(first, compute(), strict=True):
            self.assertAllEqual(a, b)


if __name__ == "__main__":
    tf.test.main()
