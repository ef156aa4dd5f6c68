"""Tests of reading the user's own images."""

import pathlib

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.image_folder import load_image_folder


class ImageFolderTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.create_tempdir().full_path)

    def _draw(self, name: str, value: int = 0) -> pathlib.Path:
        """Writes an image of one grey value."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (10, 12), value).save(path)
        return path

    def _draw_classes(self, num_classes: int, images_per_class: int = 2) -> None:
        """Draws image `j` of class `i` in the value `10 * i + j`."""
        for i in range(num_classes):
            for j in range(images_per_class):
                self._draw(f"class{i:02}/{j}.png", 10 * i + j)

    def _load(self, **options):
        return load_image_folder(str(self.root), **options)

    def _assert_refused(self, *messages: str, **options) -> None:
        with self.assertRaises(DatasetError) as raised:
            self._load(**options)
        for message in messages:
            self.assertIn(message, str(raised.exception))
        self.assertNotIn("\n", str(raised.exception))

    def test_divides_the_classes_and_keeps_their_images(self):
        self._draw_classes(25)
        splits = self._load(image_size=16, ways=4)
        parts = (splits.train, splits.validation, splits.test)
        self.assertEqual([part.num_classes for part in parts], [16, 4, 5])
        for part in parts:
            self.assertEqual(part.image_shape, (16, 16, 3))
            for i, name in enumerate(part.class_names):
                number = int(name.removeprefix("class"))
                np.testing.assert_array_equal(
                    part.class_images(i)[:, 3, 5, 2], [10 * number, 10 * number + 1]
                )
        names = [name for part in parts for name in part.class_names]
        self.assertCountEqual(names, [f"class{i:02}" for i in range(25)])

    def test_has_84_pixels_unless_told(self):
        self._draw_classes(3)
        self.assertEqual(self._load().image_shape, (84, 84, 3))

    def test_another_seed_divides_differently(self):
        self._draw_classes(25, images_per_class=1)
        tests = {self._load(split_seed=seed).test.class_names for seed in range(4)}
        self.assertLen(tests, 4)

    def test_classes_may_differ_in_size(self):
        self._draw("a/1.png")
        self._draw("b/1.png")
        self._draw("b/2.JPEG")
        self._draw("b/3.bmp")
        self._draw("c/1.tif")
        splits = self._load()
        sizes = {
            name: len(part.class_images(i))
            for part in (splits.train, splits.validation, splits.test)
            for i, name in enumerate(part.class_names)
        }
        self.assertEqual(sizes, {"a": 1, "b": 3, "c": 1})

    @parameterized.parameters("val", "validation")
    def test_reads_splits(self, validation):
        for name in ("train/a", "train/b", f"{validation}/c", "test/d"):
            self._draw(f"{name}/1.png", ord(name[-1]))
        splits = self._load(image_size=8)
        self.assertEqual(splits.train.class_names, ("a", "b"))
        self.assertEqual(splits.validation.class_names, ("c",))
        self.assertEqual(splits.test.class_names, ("d",))
        np.testing.assert_array_equal(splits.test.images, ord("d"))

    def test_leaves_other_and_hidden_files_alone(self):
        self._draw_classes(3, images_per_class=1)
        self._draw("class00/.hidden.png")
        self._draw(".thumbnails/1.png")
        (self.root / "class00/notes.txt").write_text("text")
        (self.root / "notes.txt").write_text("text")
        splits = self._load()
        self.assertLen(splits.train.images, 1)

    def test_follows_links(self):
        self._draw_classes(2)
        elsewhere = pathlib.Path(self.create_tempdir().full_path)
        self._draw("class00/1.png", 77).rename(elsewhere / "1.png")
        (self.root / "class02").symlink_to(elsewhere)
        splits = self._load()
        names = splits.train.class_names + splits.validation.class_names
        self.assertCountEqual(
            names + splits.test.class_names, ["class00", "class01", "class02"]
        )

    def test_names_every_bad_file(self):
        self._draw_classes(3)
        (self.root / "class00/bad.jpg").write_bytes(b"text")
        whole = self._draw("class01/cut.png").read_bytes()
        (self.root / "class01/cut.png").write_bytes(whole[:45])
        (self.root / "class02/gone.png").symlink_to("/absent")
        (self.root / "class02/folder.png").mkdir()
        self._assert_refused(
            "4 image files",
            "class00/bad.jpg (not one of JPEG",
            "class01/cut.png",
            "class02/gone.png (no such file)",
            "class02/folder.png (no such file)",
        )

    def test_names_bad_files_of_a_split(self):
        for name in ("train/a", "val/b", "test/c"):
            self._draw(f"{name}/1.png")
        (self.root / "test/c/bad.jpg").write_bytes(b"")
        self._assert_refused("test/c/bad.jpg")

    def test_names_are_escaped(self):
        self._draw_classes(3)
        (self.root / "class00/two\nlines.png").write_bytes(b"")
        self._assert_refused(r"class00/two\nlines.png")

    def test_refuses_a_folder_with_one_class(self):
        self._draw_classes(1)
        self._assert_refused("at least 15 classes", "Received: 1.", ways=5)

    def test_refuses_a_folder_with_one_image(self):
        self._draw("1.png")
        self._assert_refused("at least 3 classes", "Received: 0.")

    def test_refuses_one_class_too_few(self):
        self._draw_classes(15, images_per_class=1)
        self._load(ways=5)
        self._assert_refused("at least 18 classes", "Received: 15.", ways=6)

    def test_refuses_a_split_with_too_few_classes(self):
        for name in ("train/a", "train/b", "val/c", "test/d", "test/e"):
            self._draw(f"{name}/1.png")
        self._assert_refused("val'", "at least 2 classes", "Received: 1.", ways=2)

    def test_refuses_a_class_without_images(self):
        self._draw_classes(3)
        (self.root / "empty").mkdir()
        self._assert_refused("empty'", ".jpeg", "Received: none.")

    def test_refuses_classes_beside_splits(self):
        for name in ("train/a", "val/b", "test/c", "dogs/d"):
            self._draw(f"{name}/1.png")
        self._assert_refused("('test', 'train', 'val') and beside them 'dogs'")

    def test_refuses_two_validation_splits(self):
        for name in ("train/a", "val/b", "test/c", "validation/d"):
            self._draw(f"{name}/1.png")
        self._assert_refused("one folder for validation", "'val', 'validation'")

    def test_refuses_a_class_in_two_splits(self):
        for name in ("train/a", "val/b", "test/a"):
            self._draw(f"{name}/1.png")
        with self.assertRaisesRegex(ValueError, "more than one: a"):
            self._load()

    def test_refuses_what_is_no_folder(self):
        self.root = self.root / "absent"
        self._assert_refused("absent'", "No such file")


if __name__ == "__main__":
    absltest.main()
