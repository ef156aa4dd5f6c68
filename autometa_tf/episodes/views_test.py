import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.views import random_views


def _view(image, numbers, flips, padding):
    """One view, by numpy."""
    height, width, _ = image.shape
    padded = np.pad(image, [(padding, padding), (padding, padding), (0, 0)], "reflect")
    down, right = (n % (2 * padding + 1) for n in numbers[1:])
    view = padded[down : down + height, right : right + width]
    return view[:, ::-1] if flips and numbers[0] % 2 else view


class RandomViewsTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, [9, 5, 6, 2], np.uint8)
        self.rows = rng.integers(0, 9, [40, 3], np.int32)
        self.numbers = rng.integers(0, 2**31, [40, 3, 3], np.int32)

    def views(self, flips, padding, compiled=None):
        def draw(images, rows, numbers):
            return random_views(
                images, rows, numbers, flips=flips, crop_padding=padding
            )

        if compiled is not None:
            draw = tf.function(draw, jit_compile=compiled)
        return draw(*map(tf.constant, (self.images, self.rows, self.numbers)))

    @parameterized.parameters((True, 0), (False, 1), (True, 2), (True, 4))
    def test_equal_numpy(self, flips, padding):
        expected = [
            _view(self.images[row], numbers, flips, padding)
            for row, numbers in zip(
                self.rows.ravel(), self.numbers.reshape(-1, 3), strict=True
            )
        ]
        views = self.views(flips, padding)
        self.assertEqual(views.dtype, tf.uint8)
        self.assertAllEqual(views, expected)

    @parameterized.parameters(False, True)
    def test_compiled_equals_eager(self, jit_compile):
        self.assertAllEqual(self.views(True, 2, jit_compile), self.views(True, 2))

    def test_views_that_are_not_flipped_nor_cropped_are_the_images(self):
        self.assertAllEqual(self.views(False, 0), self.images[self.rows.ravel()])


if __name__ == "__main__":
    tf.test.main()
