"""Tests of loading datasets by name."""

import os
import pathlib

import numpy as np
from absl.testing import absltest
from PIL import Image

from autometa_tf.episodes.dataset_config import DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.testing import fake_mini_imagenet as fake


class LoadDatasetTest(absltest.TestCase):
    def _folder(self) -> str:
        return self.create_tempdir().full_path

    def test_glyphs(self):
        splits = load_dataset(DatasetConfig(dataset="glyphs", image_size=14))
        self.assertEqual(splits.image_shape, (14, 14, 1))

    def test_channels_are_as_wanted(self):
        grey = load_dataset("glyphs", image_size=14)
        colours = load_dataset("glyphs", image_size=14, image_channels=3)
        self.assertEqual(colours.image_shape, (14, 14, 3))
        for name in ("train", "validation", "test"):
            images = getattr(colours, name).images
            expected = np.repeat(getattr(grey, name).images, 3, axis=-1)
            np.testing.assert_array_equal(images, expected)

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

    def test_a_name_or_a_folder_will_do(self):
        splits = load_dataset("glyphs", image_size=14, split_seed=3)
        config = DatasetConfig(dataset="glyphs", image_size=14, split_seed=3)
        expected = load_dataset(config)
        self.assertEqual(splits.test.class_names, expected.test.class_names)
        folder = self.create_tempdir().full_path
        for i in range(6):
            os.mkdir(os.path.join(folder, str(i)))
            image = Image.fromarray(np.full((8, 8), 20 * i, np.uint8))
            image.save(os.path.join(folder, str(i), "1.png"))
        splits = load_dataset(folder, ways=2, image_size=8)
        self.assertEqual(splits.train.image_shape, (8, 8, 3))

    def test_what_is_neither_is_refused(self):
        for name in ("imagenet", "image_folder", "/nowhere"):
            with self.assertRaisesRegex(
                ValueError, "must be one of omniglot, .*folder"
            ):
                load_dataset(name)


if __name__ == "__main__":
    absltest.main()
