"""Tests of loading mini-ImageNet: prepared once, whole or not at all."""

import itertools
import multiprocessing
import os
import pathlib
import signal
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.mini_imagenet import load_mini_imagenet
from autometa_tf.episodes.mini_imagenet_builder import MiniImagenet
from autometa_tf.episodes.mini_imagenet_sources import find_layout
from autometa_tf.testing import fake_mini_imagenet as fake

_MANUAL_DIR = os.environ.get("AUTOMETA_MINI_IMAGENET_DIR", "")


def _prepare_and_be_killed(data_dir: str, manual_dir: str) -> None:
    """Prepares in a process that is killed when half the train images are written."""

    def examples_until_killed(self, images):
        for key, example in enumerate(images):
            if key == len(images) // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            fields = {"image": example.content, "label": example.wnid}
            yield key, {**fields, "file_name": example.file_name}

    with (
        fake.expected(),
        mock.patch.object(MiniImagenet, "_generate_examples", examples_until_killed),
    ):
        load_mini_imagenet(data_dir, manual_dir)


class LoadMiniImagenetTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(fake.expected())
        self.images = fake.fake_images()
        self.data_dir = self.create_tempdir().full_path
        self.manual_dir = self.create_tempdir().full_path

    def _assert_loads(self, manual_dir: str) -> None:
        splits = load_mini_imagenet(self.data_dir, manual_dir)
        for split, classes in self.images.items():
            loaded = getattr(splits, split)
            self.assertEqual(loaded.class_names, tuple(classes))
            for index, files in enumerate(classes.values()):
                np.testing.assert_array_equal(
                    loaded.class_images(index),
                    [fake.decoded(content) for content in files.values()],
                )

    def test_prepares_once_and_then_needs_the_files_no_more(self):
        fake.write_tars(self.images, pathlib.Path(self.manual_dir))
        self._assert_loads(self.manual_dir)
        self._assert_loads(manual_dir="")

    def test_finds_the_files_where_tfds_expects_them(self):
        folder = pathlib.Path(self.data_dir, "downloads/manual")
        folder.mkdir(parents=True)
        fake.write_tars(self.images, folder)
        self._assert_loads(manual_dir="")

    def test_absent_files_are_one_clear_line(self):
        with self.assertRaisesRegex(DatasetError, "`--manual_dir` must be") as raised:
            load_mini_imagenet(self.data_dir, self.manual_dir)
        self.assertNotIn("\n", str(raised.exception))
        self.assertEmpty(os.listdir(self.data_dir))

    def test_a_damaged_file_leaves_nothing_prepared(self):
        self.images["test"]["n00000006"]["n0000000600000001.jpg"] = b"text"
        fake.write_tars(self.images, pathlib.Path(self.manual_dir))
        with self.assertRaisesRegex(DatasetError, "n0000000600000001.jpg") as raised:
            load_mini_imagenet(self.data_dir, self.manual_dir)
        self.assertNotIn("\n", str(raised.exception))
        self.assertEqual(os.listdir(f"{self.data_dir}/mini_imagenet"), ["prepare.lock"])

    def test_a_data_dir_that_cannot_be_written_is_one_clear_line(self):
        fake.write_tars(self.images, pathlib.Path(self.manual_dir))
        data_dir = self.create_tempfile().full_path
        with self.assertRaisesRegex(DatasetError, f"data_dir '{data_dir}'"):
            load_mini_imagenet(data_dir, self.manual_dir)

    def test_damaged_records_are_one_clear_line(self):
        fake.write_tars(self.images, pathlib.Path(self.manual_dir))
        load_mini_imagenet(self.data_dir, self.manual_dir)
        (path,) = pathlib.Path(self.data_dir).glob("mini_imagenet/*/*-train.tfrecord-*")
        content = bytearray(path.read_bytes())
        content[1000] ^= 1
        path.write_bytes(content)
        with self.assertRaisesRegex(DatasetError, "remove that folder"):
            load_mini_imagenet(self.data_dir)

    def test_a_killed_preparation_is_done_again_and_leaves_nothing(self):
        fake.write_tars(self.images, pathlib.Path(self.manual_dir))
        process = multiprocessing.get_context("spawn").Process(
            target=_prepare_and_be_killed, args=(self.data_dir, self.manual_dir)
        )
        process.start()
        process.join()
        self.assertEqual(process.exitcode, -signal.SIGKILL)
        folder = f"{self.data_dir}/mini_imagenet"
        self.assertLen(os.listdir(folder), 2)  # The lock and what is incomplete.
        self._assert_loads(self.manual_dir)
        self.assertCountEqual(os.listdir(folder), ["prepare.lock", "1.0.0"])


@absltest.skipUnless(_MANUAL_DIR, "AUTOMETA_MINI_IMAGENET_DIR names no mini-ImageNet.")
class RealMiniImagenetTest(absltest.TestCase):
    def test_is_whole_and_keeps_its_pixels(self):
        splits = load_mini_imagenet(self.create_tempdir().full_path, _MANUAL_DIR)
        for classes, num_classes in (
            (splits.train, 64),
            (splits.validation, 16),
            (splits.test, 20),
        ):
            self.assertEqual(classes.num_classes, num_classes)
            self.assertEqual(classes.images.shape, (num_classes * 600, 84, 84, 3))
            np.testing.assert_array_equal(np.diff(classes.offsets), 600)
        layout, parts = find_layout(pathlib.Path(_MANUAL_DIR))
        for source in itertools.islice(layout.read(parts, "test"), 20):
            content = source.content
            if isinstance(content, pathlib.Path):
                content = content.read_bytes()
            index = splits.test.class_names.index(source.wnid)
            same = splits.test.class_images(index) == fake.decoded(content)
            self.assertEqual(same.all(axis=(1, 2, 3)).sum(), 1)


if __name__ == "__main__":
    absltest.main()
