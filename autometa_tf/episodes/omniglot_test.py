"""Tests of Omniglot: on a few fabricated records, and on the real data where it is."""

import io
import os
import pathlib
import urllib.error
import urllib.request
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes import omniglot
from autometa_tf.episodes.dataset import ClassImages, DatasetError

_DATA_DIR = os.environ.get("AUTOMETA_OMNIGLOT_DIR", "")


def _area_means(image: np.ndarray, size: int) -> np.ndarray:
    """Means of the areas that `size` x `size` pixels cover, re-derived exactly.

    Every pixel is first split into `size` x `size` equal parts, which do divide.
    """
    parts = np.kron(image.astype(np.float64), np.ones((size, size)))
    side = len(image)
    return parts.reshape(size, side, size, side).mean(axis=(1, 3))


def _png(image: np.ndarray) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(image).save(encoded, "PNG")
    return encoded.getvalue()


def _write_records(path: pathlib.Path, pngs: list[bytes], labels: list[int]) -> None:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for png, label in zip(pngs, labels, strict=True):
            feature = {
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
                "alphabet": tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())


class ReadCharactersTest(absltest.TestCase):
    """Omniglot cut down to three characters of two images."""

    def setUp(self):
        super().setUp()
        self.enter_context(mock.patch.object(omniglot, "NUM_CHARACTERS", 3))
        self.enter_context(mock.patch.object(omniglot, "IMAGES_PER_CHARACTER", 2))
        folder = pathlib.Path(self.create_tempdir().full_path)
        self.paths = [folder / "train", folder / "test"]
        strokes = np.random.RandomState(0).rand(6, 105, 105) > 0.1
        self.drawings = np.where(strokes, 255, 0).astype(np.uint8)
        self.labels = [2, 0, 1, 0, 2, 1]

    def _write(self, pngs: list[bytes], labels: list[int]) -> None:
        _write_records(self.paths[0], pngs[:4], labels[:4])
        _write_records(self.paths[1], pngs[4:], labels[4:])

    def test_groups_by_label_in_the_order_of_the_records(self):
        self._write([_png(image) for image in self.drawings], self.labels)
        characters = omniglot.read_characters(self.paths, 28)
        self.assertEqual(characters.class_names, ("0", "1", "2"))
        self.assertEqual(characters.image_shape, (28, 28, 1))
        for image, drawing in zip(characters.images, [1, 3, 2, 5, 0, 4], strict=True):
            means = _area_means(self.drawings[drawing], 28)
            np.testing.assert_allclose(image[..., 0], means, atol=0.51)

    def test_background_is_one(self):
        self._write([_png(np.full((105, 105), 255, np.uint8))] * 6, self.labels)
        characters = omniglot.read_characters(self.paths, 28)
        np.testing.assert_array_equal(characters.images, 255)

    def test_refuses_a_missing_image(self):
        self._write([_png(image) for image in self.drawings[:5]], self.labels[:5])
        with self.assertRaisesRegex(DatasetError, "5 images.*must be 6"):
            omniglot.read_characters(self.paths, 28)

    def test_refuses_an_unknown_label(self):
        self._write([_png(image) for image in self.drawings], [2, 0, 1, 0, 2, 3])
        with self.assertRaisesRegex(DatasetError, "2 images of each of its 3"):
            omniglot.read_characters(self.paths, 28)

    def test_refuses_another_image_size(self):
        self._write([_png(np.zeros((84, 84), np.uint8))] * 6, self.labels)
        with self.assertRaisesRegex(DatasetError, "damaged"):
            omniglot.read_characters(self.paths, 28)

    def test_refuses_a_truncated_image(self):
        pngs = [_png(image) for image in self.drawings]
        self._write([*pngs[:5], pngs[5][:300]], self.labels)
        with self.assertRaisesRegex(DatasetError, "damaged"):
            omniglot.read_characters(self.paths, 28)

    def test_refuses_damaged_records(self):
        self._write([_png(image) for image in self.drawings], self.labels)
        content = bytearray(self.paths[0].read_bytes())
        content[len(content) // 2] ^= 1
        self.paths[0].write_bytes(content)
        with self.assertRaisesRegex(DatasetError, "damaged.*corrupted record"):
            omniglot.read_characters(self.paths, 28)

    def test_refuses_empty_records(self):
        self._write([], [])
        with self.assertRaisesRegex(DatasetError, "damaged"):
            omniglot.read_characters(self.paths, 28)


class DivideCharactersTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Image `k` of a character: its label in three digits of base 12, then `k`.
        labels = np.repeat(np.arange(1623), 20)
        pixels = np.stack(
            [
                labels // 144,
                labels // 12 % 12,
                labels % 12,
                np.tile(np.arange(20), 1623),
            ]
        )
        cls.characters = ClassImages(
            images=pixels.T.reshape(-1, 2, 2, 1).astype(np.uint8),
            offsets=np.arange(1624) * 20,
            class_names=tuple(str(label) for label in range(1623)),
        )

    @parameterized.parameters((100, 1100), (0, 1200))
    def test_has_the_published_sizes(self, num_validation, num_train):
        splits = omniglot.divide_characters(self.characters, num_validation, 0)
        self.assertEqual(splits.train.num_classes, 4 * num_train)
        self.assertEqual(splits.validation.num_classes, num_validation)
        self.assertEqual(splits.test.num_classes, 423)
        for part in (splits.train, splits.validation, splits.test):
            np.testing.assert_array_equal(np.diff(part.offsets), 20)

    def test_both_divisions_share_their_test_characters(self):
        names = {
            omniglot.divide_characters(self.characters, n, 5).test.class_names
            for n in (0, 100)
        }
        self.assertLen(names, 1)

    def test_only_train_characters_are_turned(self):
        splits = omniglot.divide_characters(self.characters, 100, 0)
        turned = {"", "@90", "@180", "@270"}
        labels = {name.split("@")[0] for name in splits.train.class_names}
        self.assertLen(labels, 1100)
        self.assertEqual(
            set(splits.train.class_names), {a + b for a in labels for b in turned}
        )
        others = splits.validation.class_names + splits.test.class_names
        self.assertEqual(labels.union(others), {str(label) for label in range(1623)})

    def test_turns_anticlockwise(self):
        classes = omniglot.with_rotations(self.characters.select([1622]))
        self.assertEqual(
            classes.class_names, ("1622", "1622@90", "1622@180", "1622@270")
        )
        # 1622 = 11 * 144 + 3 * 12 + 2; its image 7 is [[11, 3], [2, 7]].
        images = [classes.class_images(i)[7, :, :, 0].tolist() for i in range(4)]
        self.assertEqual(
            images,
            [
                [[11, 3], [2, 7]],
                [[3, 7], [11, 2]],
                [[7, 2], [3, 11]],
                [[2, 11], [7, 3]],
            ],
        )


class LoadOmniglotTest(absltest.TestCase):
    def test_absent_and_no_network_is_one_clear_line(self):
        folder = self.create_tempdir().full_path
        unreachable = urllib.error.URLError("no\nnetwork")
        with (
            mock.patch.object(urllib.request, "urlopen", side_effect=unreachable),
            self.assertRaisesRegex(DatasetError, "`--data_dir` must be") as raised,
        ):
            omniglot.load_omniglot(folder)
        self.assertIn(folder, str(raised.exception))
        self.assertNotIn("\n", str(raised.exception))


@absltest.skipUnless(_DATA_DIR, "AUTOMETA_OMNIGLOT_DIR names no prepared Omniglot.")
class RealOmniglotTest(absltest.TestCase):
    def test_agrees_with_tfds_own_decoder(self):
        import tensorflow_datasets as tfds

        splits = omniglot.load_omniglot(_DATA_DIR, num_validation_classes=0)
        self.assertEqual(splits.train.images.shape, (96_000, 28, 28, 1))
        self.assertEqual(splits.test.images.shape, (8_460, 28, 28, 1))
        dataset = tfds.load(
            "omniglot", data_dir=_DATA_DIR, split="train[:40]+test[:40]"
        )
        for example in dataset.as_numpy_iterator():
            expected = _area_means(example["image"][:, :, 0], 28)
            name = str(example["label"])
            if name in splits.test.class_names:
                self._assert_holds(splits.test, name, expected)
                continue
            for turns, suffix in enumerate(["", "@90", "@180", "@270"]):
                self._assert_holds(
                    splits.train, name + suffix, np.rot90(expected, turns)
                )

    def _assert_holds(self, classes: ClassImages, name: str, expected: np.ndarray):
        images = classes.class_images(classes.class_names.index(name))[..., 0]
        errors = np.abs(images - expected).max(axis=(1, 2))
        self.assertLess(errors.min(), 0.51)


if __name__ == "__main__":
    absltest.main()
