"""Tests of knowing a run's data again: moved, changed, or absent."""

import os
import pathlib
import shutil

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.dataset import ClassSplits, class_images_from, empty_classes
from autometa_tf.episodes.dataset_config import DatasetConfig
from autometa_tf.experiments import run_data
from autometa_tf.experiments.events import report_nothing
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import write_json
from autometa_tf.experiments.run_directory import RunDirectory

SHAPE = (28, 28, 1)


class RunDataTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path, "photos")
        for i in range(9):
            self._draw(f"class{i}/1.png", 20 * i)
        folder = os.path.join(self.create_tempdir().full_path, "run")
        self.run_dir = RunDirectory.make(folder)
        self.fields = {}

    def _draw(self, name: str, value: int):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), value, np.uint8)).save(path)

    def _experiment(self) -> ExperimentConfig:
        return ExperimentConfig.from_preset(
            dataset="image_folder",
            image_folder=str(self.folder),
            image_size=8,
            ways=2,
            **self.fields,
        )

    def _go_on(self) -> dict:
        """What a program does with its data before it works on a run."""
        experiment = self._experiment()
        splits = run_data.load_data(experiment.data, 2, report_nothing)
        run_data.begin_run(self.run_dir, experiment, None, splits)
        return self.run_dir.read_config()

    def test_the_same_data_go_on(self):
        begun = self._go_on()
        self.assertEqual(begun["data"]["train"]["num_classes"], 5)
        self.assertEqual(self._go_on(), begun)

    def test_moved_data_go_on_and_their_place_is_kept(self):
        begun = self._go_on()
        self.folder = self.folder.rename(self.folder.with_name("renamed"))
        now = self._go_on()
        self.assertEqual(self.run_dir.experiment.data.image_folder, str(self.folder))
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

    def test_another_setting_is_refused_before_the_data_it_changes(self):
        self._go_on()
        self.fields = {"split_seed": 1}
        with self.assertRaisesRegex(ValueError, "split_seed: 0 stored, 1 given"):
            self._go_on()

    @parameterized.parameters(({"train": 3},), (None,), ([],))
    def test_a_damaged_fingerprint_is_a_clear_error(self, damaged):
        config = self._go_on() | {"data": damaged}
        write_json(self.run_dir.config_path, config)
        with self.assertRaisesRegex(ValueError, "must have the fields"):
            self._go_on()

    def test_what_is_left_out_is_said(self):
        (self.folder / "class0/1.mp4").write_bytes(b"video")
        told = []
        run_data.load_data(self._experiment().data, 2, told.append)
        self.assertIn("1 .mp4", str(told[-2]))
        self.assertStartsWith(str(told[-1]), "loaded image_folder: 5 train classes (5")

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


class CheckEpisodesTest(parameterized.TestCase):
    """Whether splits can supply an experiment's episodes."""

    def splits(self, num_validation_classes):
        return ClassSplits(
            train=class_images_from(_noise(range(6))),
            validation=class_images_from(_noise(range(6, 6 + num_validation_classes)))
            if num_validation_classes
            else empty_classes(SHAPE),
            test=class_images_from(_noise(range(20, 26))),
        )

    def test_splits_without_enough_classes_are_refused_by_name(self):
        config = ExperimentConfig.from_preset().candidate
        run_data.check_episodes(config, self.splits(4), final_split="test")
        with self.assertRaisesRegex(
            ValueError, "4 classes of the validation split.*Give --ways=4 or less"
        ):
            run_data.check_episodes(config, self.splits(4), scoring_split="validation")
        for field in ("scoring_split", "final_split"):
            with self.assertRaisesRegex(
                ValueError, f"--omniglot_validation_classes=100, or --{field}=test"
            ):
                run_data.check_episodes(config, self.splits(0), **{field: "validation"})

    @parameterized.parameters(
        ({"train_shots": 13}, "`train_shots`.*Received: 13. Give --train_shots=12 or"),
        ({"shots": 12}, "`shots`.*Received: 12. Give --shots=11 or less"),
        ({"queries_per_class": 12}, "Received: 12. Give --queries_per_class=11 or le"),
    )
    def test_classes_with_too_few_images_name_a_flag_that_would_do(self, given, text):
        config = ExperimentConfig.from_preset(**given).candidate
        with self.assertRaisesRegex(ValueError, text):
            run_data.check_episodes(config, self.splits(0), final_split="test")


def _noise(names):
    generator = np.random.default_rng(0)
    shape = (12, *SHAPE)
    return {
        str(name): generator.integers(0, 256, shape).astype(np.uint8) for name in names
    }


if __name__ == "__main__":
    absltest.main()
