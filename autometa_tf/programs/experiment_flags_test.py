import json
import os

from absl.testing import absltest, flagsaver, parameterized

from autometa_tf.experiments.config_fields import leaves
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.presets import PRESETS
from autometa_tf.programs import experiment_flags
from autometa_tf.programs.experiment_flags import experiment


class ExperimentFlagsTest(parameterized.TestCase):
    def test_without_flags_it_is_the_quick_preset(self):
        self.assertEqual(experiment(), ExperimentConfig.from_preset("quick"))

    @parameterized.parameters(*PRESETS)
    def test_a_preset_gives_what_no_flag_gives(self, preset):
        with flagsaver.flagsaver(preset=preset, num_filters=7, dataset="omniglot"):
            self.assertEqual(
                experiment(),
                ExperimentConfig.from_preset(preset, num_filters=7, dataset="omniglot"),
            )

    def test_every_field_has_a_flag_with_a_sentence(self):
        for name in leaves(ExperimentConfig):
            self.assertIn(name, flagsaver.flags.FLAGS)
            self.assertRegex(flagsaver.flags.FLAGS[name].help, r"^(<.*>: )?[A-Z].*\.$")

    def test_help_tells_what_the_presets_say(self):
        for name, text in {
            "max_num_blocks": "Default: 3 (other presets: 5).",
            "num_filters": "Default: 10 (mini_imagenet_large: 12).",
            "final_outer_iterations": "Default: 800 (other presets: 100,000).",
            "inner_iterations": "Default: 5 (other presets: 8).",
            "feature_scale_rate": "Default: 1.0 (mini_imagenet_large: 1.5).",
        }.items():
            self.assertEndsWith(flagsaver.flags.FLAGS[name].help, text)

    def test_a_folder_of_images_is_the_dataset(self):
        with flagsaver.flagsaver(image_folder="photos"):
            self.assertEqual(experiment().data.dataset, "image_folder")
        with flagsaver.flagsaver(image_folder="photos", dataset="glyphs"):
            self.assertEqual(experiment().data.dataset, "glyphs")

    def test_paths_are_the_users(self):
        with flagsaver.flagsaver(dataset="image_folder", image_folder="photos"):
            folder = experiment().data.image_folder
        self.assertEqual(folder, os.path.join(os.getcwd(), "photos"))

    @parameterized.parameters("print_config", "config.json")
    def test_a_saved_experiment_can_be_started_from(self, kind):
        saved = ExperimentConfig.from_preset("omniglot", seed=3, train_shots=4)
        content = saved.to_json()
        if kind == "config.json":
            content = {"version": "1", "experiment": content, "network": None}
        path = self.create_tempfile("config.json", json.dumps(content)).full_path
        with flagsaver.flagsaver(config=path):
            self.assertEqual(experiment(), saved)
        with flagsaver.flagsaver(config=path, seed=4):
            self.assertEqual(experiment(), saved.with_fields(seed=4))

    def test_a_file_and_a_preset_are_one_too_many(self):
        path = self.create_tempfile("config.json", "{}").full_path
        with (
            flagsaver.flagsaver(config=path, preset="quick"),
            self.assertRaisesRegex(ValueError, "Either `config` or `preset`"),
        ):
            experiment()

    @parameterized.parameters("{", "{}", "[]", '{"experiment": 3}')
    def test_a_file_without_an_experiment_is_refused(self, text):
        path = self.create_tempfile("config.json", text).full_path
        with (
            flagsaver.flagsaver(config=path),
            self.assertRaisesRegex(ValueError, "config.json' must|`config` '.*must"),
        ):
            experiment()

    def test_no_file_is_refused(self):
        with (
            flagsaver.flagsaver(config="/nowhere.json"),
            self.assertRaisesRegex(ValueError, "`config` must be a file"),
        ):
            experiment()

    @parameterized.parameters(("", "runs/train-glyphs-quick"), ("/x", "/x"))
    def test_the_run_directory_has_a_default(self, given, expected):
        with flagsaver.flagsaver(run_dir=given):
            path = experiment_flags.run_directory_path("train", experiment())
        self.assertEqual(path, os.path.join(os.getcwd(), expected))


if __name__ == "__main__":
    absltest.main()
