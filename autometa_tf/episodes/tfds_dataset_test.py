"""TFDS's datasets, on one that the test writes, since there may be no network."""

import json
import os
import urllib.error
from unittest import mock

import numpy as np
import tensorflow_datasets as tfds
from absl.testing import absltest, parameterized

from autometa_tf.episodes import tfds_dataset
from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.dataset_config import DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset

_CLASSES = [f"class_{letter}" for letter in "abcdefghi"]


class TinyPhotos(tfds.core.GeneratorBasedBuilder):
    """Nine classes, of which each image has one brightness, in two splits."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(None, None, 3)),
            "label": tfds.features.ClassLabel(names=_CLASSES),
            "id": tfds.features.Text(),
        }
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features)
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(3), "test": self._generate_examples(2)}

    def _generate_examples(self, per_class):
        for label in range(len(_CLASSES)):
            for i in range(per_class):
                image = np.full((10 + i, 12, 3), 20 * label + i, np.uint8)
                record = {"image": image, "label": label, "id": "x"}
                yield f"{label}-{i}", record


class TfdsDatasetTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data_dir = cls.create_tempdir_for_class()
        TinyPhotos(data_dir=cls.data_dir).download_and_prepare()

    @classmethod
    def create_tempdir_for_class(cls):
        path = os.path.join(absltest.TEST_TMPDIR.value, cls.__name__)
        os.makedirs(path, exist_ok=True)
        return path

    def load(self, **fields):
        config = DatasetConfig(
            dataset="tfds:tiny_photos", data_dir=self.data_dir, image_size=8, **fields
        )
        return load_dataset(config, ways=2)

    def test_images_of_all_splits_are_divided_by_class(self):
        splits = self.load()
        parts = (splits.train, splits.validation, splits.test)
        self.assertEqual([part.num_classes for part in parts], [5, 2, 2])
        names = [name for part in parts for name in part.class_names]
        self.assertCountEqual(names, _CLASSES)
        for part in parts:
            for i, name in enumerate(part.class_names):
                found = sorted(part.class_images(i)[:, 0, 0, 0].tolist())
                dark = 20 * _CLASSES.index(name)
                self.assertEqual(found, [dark, dark, dark + 1, dark + 1, dark + 2])
        self.assertEqual(splits.image_shape, (8, 8, 3))

    def test_the_seed_or_a_file_divides(self):
        self.assertNotEqual(
            self.load().test.class_names, self.load(split_seed=1).test.class_names
        )
        path = os.path.join(self.create_tempdir().full_path, "split.json")
        split = {"train": _CLASSES[3:5], "validation": [], "test": _CLASSES[:1]}
        with open(path, "w") as file:
            json.dump(split, file)
        splits = self.load(split_file=path)
        self.assertEqual(splits.train.class_names, tuple(_CLASSES[3:5]))
        self.assertEqual(splits.validation.num_classes, 0)
        self.assertEqual(splits.test.class_names, ("class_a",))

    @parameterized.parameters(
        ("{", "must be a JSON file with lists"),
        ('{"train": ["class_a"]}', "must be a JSON file with lists"),
        (
            '{"train": ["class_a"], "validation": [], "test": ["nobody"]}',
            "nobody: no class of the data",
        ),
        (
            '{"train": ["class_a"], "validation": [], "test": ["class_a"]}',
            "class_a: listed twice",
        ),
        ('{"train": [], "validation": [], "test": []}', "classes to train with"),
    )
    def test_a_split_file_that_does_not_fit_is_refused(self, text, message):
        path = self.create_tempfile("split.json", text).full_path
        with self.assertRaisesRegex(DatasetError, message):
            self.load(split_file=path)

    @parameterized.parameters(
        "tfds:", "tfds:huggingface:mnist", "tfds:a/b/c", "tfds:../x", "tfds:A", "cifar"
    )
    def test_other_names_are_refused(self, name):
        with self.assertRaisesRegex(ValueError, "`dataset` must be"):
            DatasetConfig(dataset=name)

    def test_a_dataset_that_is_not_there_says_how_to_get_it(self):
        with (
            mock.patch.object(
                tfds_dataset.urllib.request,
                "urlopen",
                side_effect=OSError("no network"),
            ),
            self.assertRaisesRegex(DatasetError, "no network.*`tfds build mnist`"),
        ):
            load_dataset("tfds:mnist", ways=2, data_dir=self.create_tempdir().full_path)

    def test_a_name_that_tfds_does_not_know_is_refused(self):
        with self.assertRaisesRegex(DatasetError, "Received: 'nobodys_photos' and"):
            load_dataset("tfds:nobodys_photos", data_dir=self.data_dir)

    def test_a_homepage_that_refuses_does_not_stop_the_download(self):
        refusal = urllib.error.HTTPError("", 403, "Forbidden", None, None)
        download = mock.patch.object(
            tfds.core.DatasetBuilder,
            "download_and_prepare",
            side_effect=OSError("the download began"),
        )
        urlopen = mock.patch.object(
            tfds_dataset.urllib.request, "urlopen", side_effect=refusal
        )
        folder = self.create_tempdir().full_path
        with download, urlopen, self.assertRaisesRegex(DatasetError, "download began"):
            load_dataset("tfds:mnist", ways=2, data_dir=folder)

    def test_too_few_classes_say_how_many_ways_there_may_be(self):
        with self.assertRaisesRegex(DatasetError, "at least 12 .* 9. Give --ways=3 "):
            load_dataset("tfds:tiny_photos", ways=4, data_dir=self.data_dir)

    def test_cifar_fs_is_all_of_cifar_100(self):
        names = tfds_dataset.cifar_fs_names()
        self.assertEqual([len(names[s]) for s in tfds_dataset.SPLITS], [64, 16, 20])
        everything = [name for split in names.values() for name in split]
        self.assertLen(set(everything), 100)
        self.assertEqual(DatasetConfig(dataset="cifar_fs").image_shape, (32, 32, 3))


if __name__ == "__main__":
    absltest.main()
