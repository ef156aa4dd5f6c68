import os
import pathlib

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.decode_images import decode_image
from autometa_tf.exports.learner_inputs import (
    as_floats,
    check_known,
    classes_and_indices,
    images_array,
    labels_array,
)

_GREY, _COLOUR = (8, 8, 1), (8, 8, 3)
_BYTES = np.random.default_rng(0).integers(0, 256, (4, *_COLOUR)).astype(np.uint8)


# Name -> what is no images of shape `_COLOUR`, and what is said of it.
_NO_IMAGES = {
    "int64": (_BYTES.astype(np.int64), "uint8, or floats.* Received: int64"),
    "bool": (_BYTES > 9, "Received: bool"),
    "objects": ([None, None], "Received: objects such as None"),
    "channels": (
        _BYTES[..., :2],
        r"shape \[images, 8, 8, 3\].* Received: \[4, 8, 8, 2\]",
    ),
    "one_image": (_BYTES[0], r"Received: \[8, 8, 3\]"),
    "no_channel": (_BYTES[..., 0], r"Received: \[4, 8, 8\]"),
    "size": (_BYTES[:, :7], r"Received: \[4, 7, 8, 3\]"),
    "sizes": ([_BYTES[0], _BYTES[0, :7]], "Received: images of various shapes"),
    "bytes_as_floats": (
        _BYTES.astype(np.float32),
        r"in \[0, 1\], or uint8. Received: floats from 0 ",
    ),
    "centred": (_BYTES / 127.5 - 1, "Received: floats from -1 to 1"),
    "nan": (np.where(_BYTES > 250, np.nan, 0.5), "Received: not a number"),
    "path": ("a.png", "a list of images, also for a single one. Received: 'a.png'"),
    "byte_path": (b"a.png", "a list of images"),
    "pathlib": (pathlib.Path("a.png"), "a list of images"),
    "one_pil": (Image.new("RGB", (8, 8)), "a list of images"),
    "nothing": (None, "a list of images"),
    "mixed": (["a.png", _BYTES[0]], "or all Pillow's images or paths. Received: array"),
}


class _Named(os.PathLike):
    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return str(self._path)


class ImagesTest(parameterized.TestCase):
    def test_arrays_stay_as_they_are(self):
        for images in (_BYTES, _BYTES / 255, (_BYTES / 255).astype(np.float16)):
            self.assertIs(images_array(images, _COLOUR), images)

    def test_grey_needs_no_channel(self):
        grey = images_array(_BYTES[..., 0], _GREY)
        np.testing.assert_array_equal(grey, _BYTES[..., :1], strict=True)

    def test_lists_of_arrays_are_stacked(self):
        images = images_array(list(_BYTES), _COLOUR)
        np.testing.assert_array_equal(images, _BYTES, strict=True)
        images = images_array((_BYTES[..., :1] / 255).tolist(), _GREY)
        np.testing.assert_array_equal(images, _BYTES[..., :1] / 255)

    def test_no_images_are_an_array_too(self):
        self.assertEqual(images_array([], _COLOUR).shape, (0, *_COLOUR))
        self.assertEqual(images_array(_BYTES[:0] / 255, _COLOUR).shape, (0, *_COLOUR))

    def test_rounding_is_allowed(self):
        white = np.full((1, *_COLOUR), 1.000001)
        np.testing.assert_array_equal(images_array(white, _COLOUR), white)

    def test_floats_are_bytes_over_255(self):
        for images in (_BYTES, _BYTES / 255):
            floats = as_floats(images)
            expected = (_BYTES / 255).astype(np.float32)
            np.testing.assert_allclose(floats, expected, rtol=1e-6)
            self.assertEqual(floats.dtype, np.float32)

    def test_floats_are_a_copy(self):
        images = np.zeros((1, *_COLOUR), np.float32)
        self.assertFalse(np.shares_memory(as_floats(images), images))

    @parameterized.parameters(*_NO_IMAGES)
    def test_what_does_not_fit_is_refused(self, name):
        images, message = _NO_IMAGES[name]
        with self.assertRaisesRegex(ValueError, f"^`images` must be .*{message}"):
            images_array(images, _COLOUR)

    def test_grey_is_told_of_both_shapes(self):
        message = (
            r"\[images, 8, 8, 1\] or \[images, 8, 8\]; .* Received: \[4, 8, 8, 3\]"
        )
        with self.assertRaisesRegex(ValueError, message):
            images_array(_BYTES, _GREY)


class FilesTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)
        self.paths = [self.folder / f"{i}.png" for i in range(len(_BYTES))]
        large = np.kron(_BYTES, np.ones((1, 2, 3, 1), np.uint8))  # To be shrunk.
        for path, pixels in zip(self.paths, large, strict=True):
            Image.fromarray(pixels).save(path)
        self.decoded = np.stack([decode_image(p.read_bytes(), 8) for p in self.paths])

    @parameterized.parameters(str, pathlib.Path, _Named, Image.open)
    def test_files_are_as_the_dataset_has_them(self, kind):
        images = images_array([kind(path) for path in self.paths], _COLOUR)
        np.testing.assert_array_equal(images, self.decoded, strict=True)

    def test_paths_may_come_as_an_array_or_mixed(self):
        paths = np.array([str(path) for path in self.paths])
        np.testing.assert_array_equal(images_array(paths, _COLOUR), self.decoded)
        mixed = [self.paths[0], Image.open(self.paths[1]), *paths[2:]]
        np.testing.assert_array_equal(images_array(mixed, _COLOUR), self.decoded)

    def test_grey_ones_keep_dark_on_white(self):
        drawing = np.full((8, 8), 255, np.uint8)
        drawing[3] = 10
        Image.fromarray(drawing).save(self.paths[0])
        images = images_array([self.paths[0], Image.fromarray(drawing)], _GREY)
        expected = np.stack([drawing, drawing])[..., np.newaxis]
        np.testing.assert_array_equal(images, expected, strict=True)

    def test_transparent_is_white(self):
        images = images_array([Image.new("LA", (5, 5), (0, 0))], _GREY)
        np.testing.assert_array_equal(images, np.full((1, *_GREY), 255))

    def test_unreadable_ones_are_all_named(self):
        self.paths[2].write_text("no image")
        files = [*self.paths, self.folder / "absent.png", Image.new("F", (8, 8))]
        with self.assertRaisesRegex(
            ValueError,
            r"^3 image files cannot be used.*2.png \(not one of.*absent.png \(no such "
            r"file\).*image 5 \(pixels of 32 bits",
        ):
            images_array(files, _COLOUR)

    @parameterized.parameters(((8, 9, 3),), ((8, 8, 2),))
    def test_other_networks_take_arrays_only(self, image_shape):
        with self.assertRaisesRegex(ValueError, "`images` must be an array for"):
            images_array(self.paths, image_shape)


class LabelsTest(parameterized.TestCase):
    @parameterized.parameters(
        (["b", "a", "b"], ["a", "b"]),
        ([2.5, -1, 2.5], [-1, 2.5]),
        (np.array([True, False, True]), [False, True]),
        (np.array(["b", "a", "b"], object), ["a", "b"]),
        (range(7, 3, -3), [4, 7]),
    )
    def test_classes_are_sorted_and_indices_lead_back(self, labels, classes):
        labels = labels_array(labels, len(labels))
        found, indices = classes_and_indices(labels, ways=2)
        self.assertEqual(found.tolist(), classes)
        self.assertEqual(found.dtype, labels.dtype)
        np.testing.assert_array_equal(found[indices], labels)
        self.assertEqual(indices.dtype, np.int32)

    @parameterized.parameters(
        (["a", "b"], "one for each of the 3 images. Received: 2."),
        (["a", "b", "a", "b"], "Received: 4."),
        ([["a"], ["b"], ["a"]], r"Received: of shape \[3, 1\]"),
        ([["a"], ["b", "c"], ["a"]], "one for each of the 3 images"),
        (
            ["a", 1, 2],
            r"of one kind, all texts or all numbers. Received: \['a', 1, 2\]",
        ),
        ("abc", "an array or a list. Received: 'abc'"),
        (7, "an array or a list. Received: 7"),
        ([0.0, np.nan, 1.0], "finite. Received"),
    )
    def test_labels_that_do_not_fit_are_refused(self, labels, message):
        with self.assertRaisesRegex(ValueError, f"^`labels` must be .*{message}"):
            labels_array(labels, 3)

    @parameterized.parameters(
        (["a", "a", "a"], "of 2 to 2 classes.* Received: 1, a."),
        (["a", "b", "c"], "of 2 to 2 classes.* Received: 3, a, b, c."),
        ([None, object(), 1], "that can be sorted"),
    )
    def test_classes_that_do_not_fit_are_refused(self, labels, message):
        with self.assertRaisesRegex(ValueError, f"^`labels` must be .*{message}"):
            classes_and_indices(np.array(labels), ways=2)

    def test_unknown_labels_are_refused(self):
        classes = np.array(["a", "b"])
        check_known(np.array(["b", "b"]), classes)
        with self.assertRaisesRegex(ValueError, "learned, a, b. Received: c, d.$"):
            check_known(np.array(["d", "a", "c"]), classes)
        many = np.arange(9)
        with self.assertRaisesRegex(ValueError, "Received: 0, 1, 2, 3, 4 and 4 more."):
            check_known(many, classes)


if __name__ == "__main__":
    absltest.main()
