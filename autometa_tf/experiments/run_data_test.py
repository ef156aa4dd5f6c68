"""Tests of knowing a run's data again: moved, changed, or absent."""

import dataclasses
import os
import pathlib
import shutil

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.experiments import run_data, run_directory


class RunDataTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path, "photos")
        for i in range(9):
            self._draw(f"class{i}/1.png", 20 * i)
        self.run_dir = os.path.join(self.create_tempdir().full_path, "run")
        run_directory.make_run_directory(self.run_dir)

    def _draw(self, name: str, value: int):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), value, np.uint8)).save(path)

    def _config(self) -> DatasetConfig:
        return DatasetConfig(
            dataset="image_folder", image_folder=str(self.folder), image_size=8
        )

    def _go_on(self) -> dict:
        """What a program does with its data before it works on a run."""
        splits = run_data.load_data(self._config(), 2, print)
        config = {
            "dataset": dataclasses.asdict(self._config()),
            "data": run_data.data_of(splits),
        }
        run_directory.keep_config(self.run_dir, config, run_data.MAY_DIFFER)
        run_data.keep_data(self.run_dir, self._config(), splits, config["data"])
        return run_directory.read_json(self.run_dir, run_directory.CONFIG)

    def test_the_same_data_go_on(self):
        begun = self._go_on()
        self.assertEqual(begun["data"]["train"]["num_classes"], 5)
        self.assertEqual(self._go_on(), begun)

    def test_moved_data_go_on_and_their_place_is_kept(self):
        begun = self._go_on()
        self.folder = self.folder.rename(self.folder.with_name("renamed"))
        now = self._go_on()
        self.assertEqual(now["dataset"]["image_folder"], str(self.folder))
        self.assertEqual(now["data"], begun["data"])

    def test_other_classes_are_refused_by_name(self):
        self._go_on()
        self._draw("new/1.png", 5)
        shutil.rmtree(self.folder / "class3")
        with self.assertRaisesRegex(
            ValueError,
            "classes added: 'new'; classes removed: 'class3'; .*another --run_dir",
        ):
            self._go_on()

    def test_other_pixels_are_refused(self):
        self._go_on()
        for i in range(9):
            self._draw(f"class{i}/1.png", 20 * i + 1)
        with self.assertRaisesRegex(ValueError, "train: .* as then, and other pixels"):
            self._go_on()

    def test_a_run_without_a_fingerprint_gets_one(self):
        begun = self._go_on()
        old = {name: value for name, value in begun.items() if name != "data"}
        run_directory.write_json(self.run_dir, "config.json", old)
        self.assertEqual(self._go_on(), begun)

    def test_another_setting_is_refused_before_the_data_it_changes(self):
        self._go_on()
        config = dataclasses.replace(self._config(), split_seed=1)
        with (
            absltest.mock.patch.object(self, "_config", return_value=config),
            self.assertRaisesRegex(ValueError, "split_seed: 0 stored, 1 given"),
        ):
            self._go_on()

    def test_a_damaged_fingerprint_is_a_clear_error(self):
        self._go_on()
        config = {"dataset": dataclasses.asdict(self._config()), "data": {"train": 3}}
        run_directory.write_json(self.run_dir, "config.json", config)
        with self.assertRaisesRegex(ValueError, "must have the fields"):
            self._go_on()

    def test_what_is_left_out_is_said(self):
        (self.folder / "class0/1.mp4").write_bytes(b"video")
        told = []
        run_data.load_data(self._config(), 2, told.append)
        self.assertIn("1 .mp4", told[-1])

    @parameterized.parameters(
        ("image_folder", "image_folder"), ("omniglot", "data_dir")
    )
    def test_data_that_are_not_where_they_were_ask_for_their_place(self, name, place):
        config = DatasetConfig(dataset=name, **{place: "/absent"})
        with self.assertRaisesRegex(
            ValueError, f"`{place}`.*'/absent', where they were.*--{place}"
        ):
            run_data.find_data(config, {place: ""})
        found = run_data.find_data(config, {place: str(self.folder)})
        self.assertEqual(getattr(found, place), str(self.folder))

    def test_a_place_that_does_not_matter_may_be_gone(self):
        config = DatasetConfig(dataset="glyphs", data_dir="/absent")
        self.assertEqual(run_data.find_data(config, {"data_dir": ""}), config)


if __name__ == "__main__":
    absltest.main()
