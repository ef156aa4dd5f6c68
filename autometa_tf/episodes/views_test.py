import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.views import flipped_views


class FlippedViewsTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(None, False, True)
    def test_equal_numpy(self, jit_compile):
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, [9, 5, 6, 2], np.uint8)
        rows = rng.integers(0, 9, [40, 3], np.int32)
        numbers = rng.integers(0, 2**31, [40, 3], np.int32)
        draw = flipped_views
        if jit_compile is not None:
            draw = tf.function(draw, jit_compile=jit_compile)
        expected = [
            images[row, :, ::-1] if number % 2 else images[row]
            for row, number in zip(rows.ravel(), numbers.ravel(), strict=True)
        ]
        views = draw(*map(tf.constant, (images, rows, numbers)))
        self.assertEqual(views.dtype, tf.uint8)
        self.assertAllEqual(views, expected)


if __name__ == "__main__":
    tf.test.main()
