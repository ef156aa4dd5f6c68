from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.episodes import shrunk_classes as module
from autometa_tf.episodes.shrunk_classes import shrunk_classes
from autometa_tf.testing.tiny_classes import tiny_classes


class ShrunkClassesTest(absltest.TestCase):
    def test_a_pixel_is_the_mean_of_its_area(self):
        classes = tiny_classes(3, [2, 3, 4], (12, 12, 3))
        with mock.patch.object(module, "_IMAGES_AT_ONCE", 4):
            shrunk = shrunk_classes(classes, 6)
        squares = classes.images.reshape(9, 6, 2, 6, 2, 3).astype(float)
        np.testing.assert_array_equal(shrunk.images, np.round(squares.mean((2, 4))))
        self.assertEqual(shrunk.images.dtype, np.uint8)
        self.assertEqual(shrunk.class_names, classes.class_names)
        np.testing.assert_array_equal(shrunk.offsets, classes.offsets)

    def test_a_size_that_does_not_divide_weighs_parts_of_pixels(self):
        classes = tiny_classes(1, 2, (12, 12, 1))
        weights = np.zeros([8, 12])  # Each pixel covers 1.5.
        for i in range(0, 8, 2):
            weights[i, 3 * i // 2 : 3 * i // 2 + 2] = 1, 0.5
            weights[i + 1, 3 * i // 2 + 1 : 3 * i // 2 + 3] = 0.5, 1
        expected = np.einsum(
            "ih,jw,nhwc->nijc", weights / 1.5, weights / 1.5, classes.images
        )
        shrunk = shrunk_classes(classes, 8)
        np.testing.assert_allclose(shrunk.images, expected, atol=0.501)


if __name__ == "__main__":
    absltest.main()
