"""Tests of the TFDS builder, by TFDS's own test case, on a few small classes."""

import pathlib
import tempfile

import numpy as np
import tensorflow_datasets as tfds
from absl.testing import absltest

from autometa_tf.episodes.mini_imagenet_builder import MiniImagenet
from autometa_tf.testing import fake_mini_imagenet as fake


class MiniImagenetBuilderTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = MiniImagenet
    SPLITS = {"train": 12, "validation": 8, "test": 8}

    @classmethod
    def setUpClass(cls):
        cls.images = fake.fake_images()
        cls.EXAMPLE_DIR = tempfile.mkdtemp()
        fake.write_tars(cls.images, pathlib.Path(cls.EXAMPLE_DIR))
        super().setUpClass()

    def setUp(self):
        self.enterContext(fake.expected())
        super().setUp()

    def test_is_loaded_by_name_as_any_dataset(self):
        dataset, info = tfds.load(
            "mini_imagenet",
            split="validation",
            data_dir=self.create_tempdir().full_path,
            download_and_prepare_kwargs={
                "download_config": tfds.download.DownloadConfig(
                    manual_dir=self.EXAMPLE_DIR
                )
            },
            with_info=True,
        )
        expected = [
            (wnid, file_name, fake.decoded(content))
            for wnid, files in self.images["validation"].items()
            for file_name, content in files.items()
        ]
        for example, (wnid, file_name, pixels) in zip(
            dataset.as_numpy_iterator(), expected, strict=True
        ):
            self.assertEqual(info.features["label"].int2str(example["label"]), wnid)
            self.assertEqual(example["file_name"].decode(), file_name)
            np.testing.assert_array_equal(example["image"], pixels)

    def test_labels_number_the_splits_one_after_another(self):
        self.builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(manual_dir=self.EXAMPLE_DIR)
        )
        names = self.builder.info.features["label"].names
        self.assertEqual(names, [f"n{number:08}" for number in range(1, 8)])

    def test_says_where_the_data_come_from(self):
        self.assertIn("64 classes", self.builder.info.description)
        self.assertIn("ravi2017optimization", self.builder.info.citation)
        self.assertIn("ILSVRC2012", self.builder.MANUAL_DOWNLOAD_INSTRUCTIONS)


if __name__ == "__main__":
    absltest.main()
