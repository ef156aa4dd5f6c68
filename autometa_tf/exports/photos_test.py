import os
import pathlib

import numpy as np
from absl.testing import absltest
from PIL import Image

from autometa_tf.exports.photos import labelled_photos, photos_of

_SHAPE = (4, 4, 3)


class PhotosTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.create_tempdir().full_path)

    def write(self, name, value=7):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 6), (value,) * 3).save(path)
        return path

    def write_text(self, name):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("no image")
        return path

    def test_the_folder_names_the_class(self):
        self.write("cat/1.png", 10)
        self.write("dog/2.png", 20)
        self.write("cat/3.png", 30)
        photos, labels = labelled_photos(self.root, _SHAPE)
        self.assertEqual(labels.tolist(), ["cat", "cat", "dog"])
        self.assertEqual(
            [path.name for path in photos.paths], ["1.png", "3.png", "2.png"]
        )
        np.testing.assert_array_equal(photos.pixels[:, 0, 0, 0], [10, 30, 20])
        self.assertEqual(photos.pixels.shape, (3, *_SHAPE))
        self.assertEmpty(photos.notes)

    def test_what_cannot_be_read_is_named_and_left_out(self):
        self.write("cat/1.png")
        self.write("dog/2.png")
        self.write_text("dog/bad.png")
        self.write_text("dog/notes.txt")
        self.write("stray.png")
        photos, labels = labelled_photos(self.root, _SHAPE)
        self.assertEqual(labels.tolist(), ["cat", "dog"])
        notes = "\n".join(photos.notes)
        for part in ("bad.png", "1 .txt", "1 .png (images in no class folder"):
            self.assertIn(part, notes)

    def test_a_class_without_a_photo_is_refused(self):
        self.write("cat/1.png")
        self.write_text("dog/bad.png")
        with self.assertRaisesRegex(ValueError, "Received none: dog. .*bad.png"):
            labelled_photos(self.root, _SHAPE)

    def test_one_class_is_refused(self):
        self.write("cat/1.png")
        with self.assertRaisesRegex(ValueError, "two or more, .* with 1 folder\\."):
            labelled_photos(self.root, _SHAPE)

    def test_a_folder_around_that_of_the_classes_is_refused(self):
        self.write("all/cat/1.png")
        self.write("all/dog/1.png")
        with self.assertRaisesRegex(ValueError, "perhaps '.*all' is meant"):
            labelled_photos(self.root, _SHAPE)

    def test_a_folder_that_is_not_there_is_refused(self):
        with self.assertRaisesRegex(ValueError, "absent', which is no folder"):
            labelled_photos(self.root / "absent", _SHAPE)

    def test_files_and_folders_and_those_below(self):
        one, two = self.write("a/1.png"), self.write("a/b/2.png")
        three = self.write("3.png")
        photos = photos_of([three, self.root / "a", one], _SHAPE)
        self.assertEqual(photos.paths, (three, one, two))
        self.assertEmpty(photos.notes)

    def test_files_that_cannot_be_read_are_named(self):
        good, bad = self.write("1.png"), self.write_text("2.png")
        photos = photos_of([good, bad], _SHAPE)
        self.assertEqual(photos.paths, (good,))
        self.assertLen(photos.notes, 1)
        self.assertIn("2.png", photos.notes[0])

    def test_nothing_to_read_is_refused(self):
        bad = self.write_text("2.png")
        with self.assertRaisesRegex(ValueError, "a photo that can be read.*2.png"):
            photos_of([bad], _SHAPE)
        with self.assertRaisesRegex(ValueError, "that are there. .*absent"):
            photos_of([os.path.join(self.root, "absent")], _SHAPE)


if __name__ == "__main__":
    absltest.main()
