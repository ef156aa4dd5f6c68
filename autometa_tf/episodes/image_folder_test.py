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
        (note,) = splits.notes
        self.assertStartsWith(note, f"left out of {str(self.root)!r}: 1 .txt (")

    def test_says_nothing_where_nothing_is_left_out(self):
        self._draw_classes(3)
        self._draw("class00/.hidden.png")
        (self.root / "class00/Thumbs.db").write_bytes(b"litter")
        self.assertEqual(self._load().notes, ())

    def test_counts_what_is_left_out_of_all_folders_in_one_line(self):
        for name in ("train/a", "val/b", "test/c"):
            self._draw(f"{name}/1.png")
            (self.root / name / "1.mp4").write_bytes(b"video")
        self._draw("stray.png")
        self._draw("train/stray.png")
        (note,) = self._load().notes
        self.assertIn("3 .mp4 (no images", note)
        self.assertIn("2 .png (images in no class folder", note)

    def test_reads_photos_by_any_name(self):
        self._draw_classes(3, images_per_class=1)
        for i, name in enumerate(("a.jfif", "b", "c.JPE", "d.txt")):
            self._draw("class00/0.jpg", 50 * i).rename(self.root / "class00" / name)
        for i, name in enumerate(("e.mpo", "f.avif")):
            path = self._draw(f"class00/{name}", 0)
            image = Image.new("RGB", (8, 8), (200 + i,) * 3)
            options = {"append_images": [image], "save_all": True}
            image.save(path, **(options if name == "e.mpo" else {}))
        splits = self._load(image_size=8)
        images = {
            name: part.class_images(i)
            for part in (splits.train, splits.validation, splits.test)
            for i, name in enumerate(part.class_names)
        }["class00"]
        means = [0, 0, 50, 100, 150, 200, 201]
        np.testing.assert_allclose(images.mean((1, 2, 3)), means, atol=3)

    def _draw_deep(self, name: str, value: int) -> None:
        path = self._draw(name)
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(path)

    @parameterized.parameters(
        (1000, 10, 250), (4000, 12, 250), (40_000, 16, 156), (200, 8, 200)
    )
    def test_one_depth_holds_all_images_of_a_folder(self, brightest, depth, grey):
        for i, name in enumerate(("train/a", "val/b", "test/c")):
            self._draw_deep(f"{name}/1.png", brightest if i == 2 else 128)
            self._draw_deep(f"{name}/2.tif", brightest // 2)
            self._draw(f"{name}/3.png", 77)
        splits = self._load(image_size=8)
        self.assertEqual(splits.depth, depth)
        (note,) = splits.notes
        self.assertIn(f"taken as {depth} bits", note)
        self.assertEqual(splits.test.images[0, 0, 0, 0], grey)
        self.assertEqual(splits.train.images[0, 0, 0, 0], 128 >> (depth - 8))
        for part in (splits.train, splits.validation, splits.test):
            self.assertEqual(part.images[1, 0, 0, 0], brightest // 2 >> (depth - 8))
            self.assertEqual(part.images[2, 0, 0, 0], 77)  # Of 8 bits: as it is.

    def test_train_and_test_alone_validate_with_train_classes(self):
        for i in range(10):
            self._draw(f"train/a{i}/1.png")
        for name in ("test/b", "test/c"):
            self._draw(f"{name}/1.png")
        splits = self._load(ways=2)
        self.assertEqual(splits.train.num_classes, 8)
        self.assertEqual(splits.validation.num_classes, 2)
        self.assertEqual(splits.test.class_names, ("b", "c"))
        (note,) = splits.notes
        self.assertIn("2 of its 10 train classes validate, chosen by --split_s", note)
        others = {
            self._load(ways=2, split_seed=seed).validation.class_names
            for seed in range(5)
        }
        self.assertGreater(len(others), 1)

    def test_train_and_test_alone_need_train_classes_for_both(self):
        for name in ("train/a", "train/b", "train/c", "test/d", "test/e"):
            self._draw(f"{name}/1.png")
        self._assert_refused("at least 4 classes", "no folder 'val'", ways=2)

    def test_too_few_classes_say_what_would_work(self):
        self._draw_classes(9, images_per_class=1)
        self._assert_refused("Give --ways=3 or fewer, or add", ways=4)
        self._load(ways=3)

    def test_a_class_of_what_cannot_be_read_says_why(self):
        self._draw_classes(3)
        (self.root / "other").mkdir()
        (self.root / "other/1.mp4").write_bytes(b"video")
        self._assert_refused("other'", "Received: none, but 1 .mp4 (no images")

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
            "class02/gone.png (a link that leads nowhere)",
            "class02/folder.png (a folder)",
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
        self._assert_refused("absent', which is no folder", "--image_folder")


if __name__ == "__main__":
    absltest.main()
