"""Tests of loading datasets by name."""

import os
import pathlib

from absl.testing import absltest
from PIL import Image

from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.testing import fake_mini_imagenet as fake


class LoadDatasetTest(absltest.TestCase):
    def _folder(self) -> str:
        return self.create_tempdir().full_path

    def test_glyphs(self):
        splits = load_dataset(DatasetConfig(dataset="glyphs", image_size=14))
        self.assertEqual(splits.image_shape, (14, 14, 1))

    def test_mini_imagenet(self):
        self.enterContext(fake.expected())
        manual_dir = self._folder()
        fake.write_tars(fake.fake_images(), pathlib.Path(manual_dir))
        splits = load_dataset(
            DatasetConfig(
                dataset="mini_imagenet", data_dir=self._folder(), manual_dir=manual_dir
            )
        )
        self.assertEqual(splits.train.num_classes, 3)
        self.assertEqual(splits.image_shape, (84, 84, 3))

    def test_image_folder_gives_each_split_enough_classes(self):
        folder = self._folder()
        for name in "abcdef":
            os.mkdir(f"{folder}/{name}")
            Image.new("L", (8, 8)).save(f"{folder}/{name}/1.png")
        splits = load_dataset(
            DatasetConfig(dataset="image_folder", image_folder=folder, image_size=8),
            ways=2,
        )
        self.assertEqual(splits.validation.num_classes, 2)
        self.assertEqual(splits.image_shape, (8, 8, 3))

    @absltest.skipUnless(
        os.environ.get("AUTOMETA_OMNIGLOT_DIR"),
        "AUTOMETA_OMNIGLOT_DIR names no prepared Omniglot.",
    )
    def test_omniglot(self):
        splits = load_dataset(
            DatasetConfig(
                dataset="omniglot",
                data_dir=os.environ["AUTOMETA_OMNIGLOT_DIR"],
                image_size=14,
                omniglot_validation_classes=50,
                split_seed=1,
            )
        )
        self.assertEqual(splits.image_shape, (14, 14, 1))
        self.assertEqual(splits.validation.num_classes, 50)


if __name__ == "__main__":
    absltest.main()
