import dataclasses

import numpy as np
from absl.testing import absltest, flagsaver, parameterized

from autometa_tf.episodes.dataset import class_images_from, empty_classes
from autometa_tf.programs import flag_values
from autometa_tf.search.search_config import SearchConfig

SMALL, LARGE = (28, 28, 1), (84, 84, 3)

# Table A1 of the paper: what each row allows.
TABLE_A1 = {
    "max_num_blocks": [5],
    "num_filters": [4, 10, 12, 32],
    "beam_size": [100],
    "num_cell_repeats": [0, 1],
    "feature_scale_rate": [1, 2],
    "predictor_cell_size": [100],
    "predictor_num_layers": [1],
    "inner_iterations": [8],
    "inner_batch_size": [10],
    "inner_learning_rate": [0.001, 0.01],
    "meta_batch_size": [5],
    "outer_step_size": [0.3, 1.0],
    "outer_iterations": [1000],
}


class FlagValuesTest(parameterized.TestCase):
    @parameterized.product(
        preset=["omniglot", "mini_imagenet_small", "mini_imagenet_large"],
        name=list(TABLE_A1),
    )
    def test_the_papers_presets_take_values_of_table_a1(self, preset, name):
        with flagsaver.flagsaver(preset=preset):
            self.assertIn(flag_values.value(name), TABLE_A1[name])

    @parameterized.parameters(*TABLE_A1)
    def test_a_flag_overrides_the_preset(self, name):
        with flagsaver.flagsaver(**{name: 7}):
            self.assertEqual(flag_values.value(name), 7)

    @parameterized.product(preset=list(flag_values.PRESETS), shape=[SMALL, LARGE])
    def test_presets_are_valid(self, preset, shape):
        with flagsaver.flagsaver(preset=preset):
            candidate = flag_values.candidate_config(shape)
            final = flag_values.full_training_config(candidate)
            SearchConfig(
                max_num_blocks=flag_values.value("max_num_blocks"),
                beam_size=flag_values.value("beam_size"),
            )
        self.assertGreater(
            final.reptile.outer_iterations, candidate.reptile.outer_iterations
        )
        self.assertEqual(final.network, candidate.network)

    def test_large_and_small_setting_differ_as_in_the_paper(self):
        with flagsaver.flagsaver(preset="mini_imagenet_large"):
            network = flag_values.candidate_config(LARGE).network
        self.assertEqual((network.num_filters, network.feature_scale_rate), (12, 2))

    @parameterized.parameters(
        # Reptile's published settings: (shape, ways, shots, train shots, batch).
        (SMALL, 5, 1, 10, 5),
        (SMALL, 5, 5, 10, 5),
        (SMALL, 20, 1, 10, 10),
        (LARGE, 5, 1, 15, 5),
        (LARGE, 5, 5, 15, 15),
    )
    def test_defaults_are_reptiles(self, shape, ways, shots, train_shots, batch):
        with flagsaver.flagsaver(preset="omniglot", ways=ways, shots=shots):
            config = flag_values.candidate_config(shape)
        self.assertEqual(config.episodes.train_shots, train_shots)
        self.assertEqual(config.scoring.inner_batch_size, batch)
        self.assertEqual(config.scoring.inner_iterations, 50)

    @parameterized.parameters(
        ("ways", 0),
        ("shots", 0),
        ("train_shots", -1),
        ("seed", -1),
        ("num_filters", 0),
        ("num_cell_repeats", -1),
        ("feature_scale_rate", 0),
        ("inner_iterations", 0),
        ("inner_batch_size", 0),
        ("inner_learning_rate", 0.0),
        ("inner_learning_rate", float("nan")),
        ("inner_beta1", 1.0),
        ("meta_batch_size", 0),
        ("outer_step_size", -1.0),
        ("outer_iterations", 0),
        ("final_outer_iterations", 0),
        ("num_scoring_episodes", 0),
        ("num_test_episodes", -5),
        ("scoring_inner_iterations", 0),
        ("scoring_inner_batch_size", 0),
        ("stem_stride", 3),
        ("image_size", -1),
        ("num_logical_cpus", 0),
    )
    def test_a_bad_value_is_refused_by_its_flags_name(self, name, value):
        message = f"`{name}` must"
        with (
            flagsaver.flagsaver(**{name: value}),
            self.assertRaisesRegex(ValueError, message),
        ):
            flag_values.dataset_config()
            candidate = flag_values.candidate_config(SMALL)
            flag_values.full_training_config(candidate)
            flag_values.strategy_and_cpus()

    def test_splits_without_enough_classes_are_refused_by_name(self):
        classes = class_images_from(_noise(range(6)))
        others = class_images_from(_noise(range(20, 26)))
        few = class_images_from(_noise(range(6, 10)))
        config = flag_values.candidate_config(SMALL)
        splits = flag_values.ClassSplits(train=classes, validation=few, test=others)
        flag_values.check_episodes(config, splits)
        with self.assertRaisesRegex(
            ValueError, "4 classes of the validation split.*Give --ways=4 or less"
        ):
            flag_values.check_episodes(config, splits, "validation")
        none = dataclasses.replace(splits, validation=empty_classes(SMALL))
        with self.assertRaisesRegex(ValueError, "--omniglot_validation_classes=100"):
            flag_values.check_episodes(config, none, "validation")

    @parameterized.parameters(
        ({"train_shots": 13}, "`train_shots`.*Received: 13. Give --train_shots=12 or"),
        ({"shots": 12}, "`shots`.*Received: 12. Give --shots=11 or less"),
    )
    def test_classes_with_too_few_images_name_a_flag_that_would_do(self, given, text):
        classes = class_images_from(_noise(range(6)))
        others = class_images_from(_noise(range(20, 26)))
        splits = flag_values.ClassSplits(
            train=classes, validation=empty_classes(SMALL), test=others
        )
        with flagsaver.flagsaver(**given):
            config = flag_values.candidate_config(SMALL)
        with self.assertRaisesRegex(ValueError, text):
            flag_values.check_episodes(config, splits)


def _noise(names):
    generator = np.random.default_rng(0)
    shape = (12, *SMALL)
    return {
        str(name): generator.integers(0, 256, shape).astype(np.uint8) for name in names
    }


if __name__ == "__main__":
    absltest.main()
