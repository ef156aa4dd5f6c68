import numpy as np
from absl.testing import absltest

from autometa_tf.episodes.dataset import class_images_from
from autometa_tf.episodes.fitted_classes import fitted_classes


def _classes(shape):
    rng = np.random.default_rng(0)
    return class_images_from(
        {name: rng.integers(0, 256, (2, *shape), np.uint8) for name in "ab"}
    )


class FittedClassesTest(absltest.TestCase):
    def test_what_fits_stays(self):
        classes = _classes((8, 8, 3))
        self.assertIs(fitted_classes(classes, (8, 8, 3)), classes)

    def test_colours_become_grey_by_their_brightness(self):
        classes = _classes((8, 8, 3))
        grey = fitted_classes(classes, (8, 8, 1))
        expected = classes.images @ np.array([0.299, 0.587, 0.114])
        np.testing.assert_allclose(grey.images[..., 0], expected, atol=1)
        self.assertEqual(grey.class_names, ("a", "b"))

    def test_grey_becomes_three_equal_channels(self):
        classes = _classes((8, 8, 1))
        colours = fitted_classes(classes, (8, 8, 3)).images
        for channel in range(3):
            np.testing.assert_array_equal(colours[..., channel], classes.images[..., 0])

    def test_another_size_keeps_the_brightness(self):
        classes = class_images_from({"a": np.full((1, 12, 12, 1), 77, np.uint8)})
        images = fitted_classes(classes, (8, 6, 3)).images
        np.testing.assert_array_equal(images, np.full((1, 8, 6, 3), 77))


if __name__ == "__main__":
    absltest.main()
