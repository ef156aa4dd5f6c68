"""Tests of understanding other people's names for splits."""

import pathlib

from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.split_folders import (
    class_folders,
    find_split_folders,
    nested_folder_hint,
)


class SplitFoldersTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.create_tempdir().full_path)

    def _make(self, *folders: str) -> None:
        """Makes folders of one image each."""
        for folder in folders:
            (self.root / folder).mkdir(parents=True)
            Image.new("L", (8, 8)).save(self.root / folder / "1.png")

    def _find(self):
        return find_split_folders(str(self.root), class_folders(self.root))

    def _assert_refused(self, *messages: str):
        with self.assertRaises(DatasetError) as raised:
            self._find()
        for message in messages:
            self.assertIn(message, str(raised.exception))

    @parameterized.parameters(
        ("train", "val", "test"),
        ("train", "valid", "test"),
        ("train", "validation", "test"),
        ("Train", "Val", "Test"),
        ("TRAIN", "VALIDATION", "TEST"),
        ("training", "validation", "testing"),
        ("train", "dev", "test"),
        ("meta-train", "meta_val", "Meta Test"),
        ("1_train", "2_val", "3_test"),
        ("train_set", "val_set", "test_set"),
    )
    def test_understands(self, train, validation, test):
        self._make(f"{train}/a", f"{validation}/b", f"{test}/c")
        found = self._find()
        self.assertEqual(found.train, self.root / train)
        self.assertEqual(found.validation, self.root / validation)
        self.assertEqual(found.test, self.root / test)

    def test_train_and_test_alone_have_no_validation(self):
        self._make("train/a", "test/b")
        self.assertIsNone(self._find().validation)

    def test_classes_side_by_side_are_no_splits(self):
        self._make("a", "b", "c")
        self.assertIsNone(self._find())

    def test_classes_may_be_called_like_splits(self):
        self._make("bus", "tram", "train")
        self.assertIsNone(self._find())

    def test_a_class_of_trains_with_folders_in_it_is_a_class(self):
        self._make("bus", "tram", "train", "train/old")
        self.assertIsNone(self._find())

    def test_names_a_missing_test_folder(self):
        self._make("train/a", "val/b")
        self._assert_refused("'train', 'val'", "one for test", "testing", "--split_s")

    def test_names_a_missing_train_folder(self):
        self._make("val/a", "test/b")
        self._assert_refused("one for train")

    def test_names_both_that_are_missing(self):
        self._make("val/a")
        self._assert_refused("one for train and one for test")

    def test_names_an_odd_folder(self):
        self._make("train/a", "val/b", "test/c", "extra/d")
        self._assert_refused("beside them 'extra'", "Move or rename it")

    def test_names_an_odd_folder_without_classes(self):
        self._make("train/a", "val/b", "test/c", "annotations")
        self._assert_refused("beside them 'annotations'")

    def test_names_what_may_be_a_split_in_another_language(self):
        self._make("train/a", "validierung/b")
        self._assert_refused("beside them 'validierung'", "val, valid or validation")

    def test_names_two_folders_for_one_split(self):
        self._make("train/a", "val/b", "Valid/c", "test/d")
        self._assert_refused("one folder for validation", "'Valid', 'val'")

    def test_split_folders_of_images_are_told_what_they_lack(self):
        self._make("train", "val", "test")
        self._assert_refused("'test', 'train', 'val'", "train/cat/1.jpg")

    def test_hidden_folders_and_litter_are_not_odd(self):
        self._make("train/a", "val/b", "test/c", ".cache/d", "__MACOSX/train")
        self.assertIsNotNone(self._find())

    def test_the_folder_above_the_one_that_was_meant(self):
        self._make("photos/a", "photos/b")
        hint = nested_folder_hint(class_folders(self.root))
        self.assertIn(f"--image_folder={self.root / 'photos'}", hint)
        self.assertEqual(nested_folder_hint(class_folders(self.root / "photos")), "")


if __name__ == "__main__":
    absltest.main()
