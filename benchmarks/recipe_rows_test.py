from absl.testing import absltest

from autometa_tf.experiments.experiment_config import field_values
from autometa_tf.experiments.protocols import with_protocol
from benchmarks.recipe_rows import (
    ROWS,
    TEST_BATCH_SIZES,
    TEST_LEARNING_RATES,
    experiment_of,
    test_protocol,
)


def _differing(row, reference):
    ours, theirs = (
        field_values(experiment_of(ROWS[name], seed=3, image_folder="images"))
        for name in (row, reference)
    )
    return {name for name in ours if ours[name] != theirs[name]}


class RecipeRowsTest(absltest.TestCase):
    def test_a_row_differs_from_its_reference_in_one_option_unless_it_is_of_several(
        self,
    ):
        of_several = {"pretrained": 3, "pretrained_equal_time": 4}
        for name, row in ROWS.items():
            if row.reference:
                differing = _differing(name, row.reference)
                self.assertLen(differing, of_several.get(name, 1), msg=name)
                self.assertContainsSubset(differing, row.fields)

    def test_all_rows_can_be_scored_as_all_are_and_look_at_no_test_class(self):
        for row in ROWS.values():
            experiment = experiment_of(row, seed=0, image_folder="images")
            for shots in TEST_BATCH_SIZES:
                protocol = test_protocol(shots, TEST_LEARNING_RATES[0], 100)
                scored = with_protocol(experiment, protocol)
                self.assertEqual(scored.full_training.final_split, "validation")
                self.assertEqual(scored.episodes.shots, shots)

    def test_a_learners_own_protocol_is_one_that_it_is_offered(self):
        experiment = experiment_of(ROWS["base"], seed=0, image_folder="images")
        own = test_protocol(5, 0.003, experiment.full_training.num_test_episodes)
        self.assertEqual(with_protocol(experiment, own), experiment)


if __name__ == "__main__":
    absltest.main()
