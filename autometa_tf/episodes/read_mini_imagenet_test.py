"""Tests of the checks that mini-ImageNet is whole."""

import pathlib

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.read_mini_imagenet import read_mini_imagenet
from autometa_tf.testing import fake_mini_imagenet as fake


class ReadMiniImagenetTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(fake.expected())
        self.folder = pathlib.Path(self.create_tempdir().full_path)
        self.images = fake.fake_images()

    def _assert_refused(self, *messages: str, write=fake.write_folders) -> None:
        write(self.images, self.folder)
        with self.assertRaises(DatasetError) as raised:
            read_mini_imagenet(self.folder)
        for message in messages:
            self.assertIn(message, str(raised.exception))

    def test_decodes_all_in_the_order_of_their_names(self):
        fake.write_folders(self.images, self.folder)
        splits = read_mini_imagenet(self.folder)
        for split, classes in self.images.items():
            expected = [
                (wnid, file_name, fake.decoded(content))
                for wnid, files in sorted(classes.items())
                for file_name, content in sorted(files.items())
            ]
            for image, (wnid, file_name, pixels) in zip(
                splits[split], expected, strict=True
            ):
                self.assertEqual((image.wnid, image.file_name), (wnid, file_name))
                np.testing.assert_array_equal(image.content, pixels, strict=True)

    def test_resizes_larger_images(self):
        self.images = fake.fake_images(image_size=200)
        fake.write_listed_files(self.images, self.folder)
        for image in read_mini_imagenet(self.folder)["train"]:
            self.assertEqual(image.content.shape, (84, 84, 3))

    def test_names_every_damaged_file(self):
        self.images["train"]["n00000001"]["n0000000100000003.jpg"] = b"text"
        files = self.images["test"]["n00000007"]
        files["n0000000700000012.jpg"] = files["n0000000700000012.jpg"][:-20]
        self._assert_refused(
            "2 image files",
            "train/n00000001/n0000000100000003.jpg (not one of JPEG",
            "test/n00000007/n0000000700000012.jpg (image file is truncated",
        )

    def test_names_every_missing_file(self):
        fake.write_listed_files(self.images, self.folder)
        for name in ("n0000000100000001.jpg", "n0000000700000001.jpg"):
            (self.folder / "images" / name).unlink()
        with self.assertRaisesRegex(
            DatasetError, "n0000000100000001.jpg.*no such file.*n0000000700000001.jpg"
        ):
            read_mini_imagenet(self.folder)

    def test_refuses_a_missing_class(self):
        del self.images["validation"]["n00000004"]
        self._assert_refused(
            "3 train, 2 validation, 2 test classes",
            "Received: 3 train, 1 validation, 2 test.",
        )

    def test_refuses_a_missing_image(self):
        del self.images["train"]["n00000002"]["n0000000200000001.jpg"]
        self._assert_refused("4 images of each class", "Received: 'n00000002' with 3.")

    def test_refuses_a_class_in_two_splits(self):
        self.images["test"]["n00000001"] = self.images["test"].pop("n00000006")
        self._assert_refused("each class in one split", "n00000001")

    def test_refuses_an_image_listed_twice(self):
        fake.write_listed_files(self.images, self.folder)
        path = self.folder / "train.csv"
        text = path.read_text()
        path.write_text(text.replace("n0000000100000003.jpg", "n0000000100000001.jpg"))
        with self.assertRaisesRegex(DatasetError, "each image once.*0100000001.jpg"):
            read_mini_imagenet(self.folder)

    def test_refuses_a_class_name_that_is_none(self):
        self.images["train"]["a class\n"] = self.images["train"].pop("n00000001")
        self._assert_refused(r"Received: 'a class\n' with 4.", write=fake.write_tars)

    def test_imagenet_archive_decides_how_many_images_there_are(self):
        del self.images["train"]["n00000002"]["n0000000200000001.jpg"]
        fake.write_imagenet_archive(self.images, self.folder)
        splits = read_mini_imagenet(self.folder)
        self.assertLen(splits["train"], 11)

    def test_imagenet_archive_must_have_all_classes(self):
        fake.write_imagenet_archive(self.images, self.folder)
        path = self.folder / "ILSVRC2012_img_train.tar"
        path.write_bytes(fake.tar_of({}))
        with self.assertRaisesRegex(DatasetError, "Received: 0 train, 0 validation"):
            read_mini_imagenet(self.folder)


if __name__ == "__main__":
    absltest.main()
