from absl.testing import absltest, parameterized

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.protocols import (
    SAVED_MODEL_FIELDS,
    accuracies_file_name,
    protocol_of,
    protocol_text,
    with_protocol,
)

OWN = ExperimentConfig.from_preset("omniglot")


class ProtocolsTest(parameterized.TestCase):
    def test_what_is_not_given_is_as_the_learner_has_it(self):
        now = with_protocol(OWN, {"shots": 5, "scoring_inner_learning_rate": 0.003})
        self.assertEqual(
            now, OWN.with_fields(shots=5, scoring_inner_learning_rate=0.003)
        )
        self.assertEqual(with_protocol(OWN, {}), OWN)

    @parameterized.parameters(
        (
            {"ways": 3},
            "`ways` must be 5, neither .* trained with `shared_head` .* Received: 3",
        ),
        ({"ways": 1}, "`ways` must be at least 2"),
        ({"seed": 3}, "`seed` must be 0, .* Received: 3"),
        (
            {"num_filters": 3},
            "`num_filters` must be 10, .*only final_split, ways, shots",
        ),
        ({"shots": 0}, "`shots` must be at least 1"),
        ({"shots": "5"}, "`shots` must be int"),
        ({"num_test_episodes": 1}, "`num_test_episodes` must be at least 2"),
        ({"final_split": "train"}, "`final_split` must be one of test, validation"),
        ({"split": "test"}, "`split` must be a field"),
    )
    def test_what_makes_another_learner_is_refused_by_name(self, protocol, message):
        with self.assertRaisesRegex(ValueError, message):
            with_protocol(OWN, protocol)

    def test_what_the_learner_came_about_with_may_be_repeated(self):
        self.assertEqual(with_protocol(OWN, {"ways": 5, "num_filters": 10}), OWN)

    @parameterized.parameters(2, 3, 12, 20)
    def test_a_shared_head_is_scored_with_any_ways(self, ways):
        own = OWN.with_fields(shared_head=True)
        now = with_protocol(own, {"ways": ways})
        self.assertEqual(now, own.with_fields(ways=ways))
        name = accuracies_file_name(own, now)
        self.assertEqual(name, f"test_accuracies-ways={ways}.csv")

    @parameterized.parameters((2, 6), (3, 6), (12, 12), (20, 20), (5, 5))
    def test_balanced_batches_hold_every_class_equally_often(self, ways, size):
        own = OWN.with_fields(shared_head=True, class_balanced_batches=True)
        now = with_protocol(own, {"ways": ways}).final
        self.assertEqual(now.episodes.ways, ways)
        self.assertEqual(now.scoring.scoring_inner_batch_size, size)
        given = {"ways": ways, "scoring_inner_batch_size": 2 * ways}
        now = with_protocol(own, given).final
        self.assertEqual(now.scoring.scoring_inner_batch_size, 2 * ways)

    def test_a_saved_model_adapts_as_it_was_exported_to(self):
        with_protocol(OWN, {"shots": 5}, SAVED_MODEL_FIELDS)
        with self.assertRaisesRegex(
            ValueError, "`scoring_inner_iterations` must be 50"
        ):
            with_protocol(OWN, {"scoring_inner_iterations": 5}, SAVED_MODEL_FIELDS)

    @parameterized.parameters(
        ({}, "test_accuracies.csv"),
        ({"num_test_episodes": 20}, "test_accuracies.csv"),
        ({"final_split": "validation"}, "validation_accuracies.csv"),
        (
            {"queries_per_class": 15, "shots": 5},
            "test_accuracies-shots=5-queries_per_class=15.csv",
        ),
        (
            {"scoring_inner_learning_rate": 0.003, "final_split": "validation"},
            "validation_accuracies-scoring_inner_learning_rate=0.003.csv",
        ),
        ({"scoring_support_passes": 50}, "test_accuracies.csv"),
        (
            {"scoring_support_passes": 51},
            "test_accuracies-scoring_inner_iterations=51.csv",
        ),
    )
    def test_a_file_is_named_by_what_differs(self, protocol, name):
        now = with_protocol(OWN, protocol)
        self.assertEqual(accuracies_file_name(OWN, now), name)

    @parameterized.parameters(
        ({}, "test classes, 5-way 1-shot, 1 query a class, 50 inner .* of 5 images$"),
        (
            {
                "final_split": "validation",
                "queries_per_class": 15,
                "scoring_inner_learning_rate": 0.003,
            },
            "validation classes, .* 15 queries a class, .* at learning rate 0.003$",
        ),
        (
            {"scoring_support_passes": 100},
            "100 inner iterations of 5 images$",
        ),
    )
    def test_people_read_how_a_learner_is_scored(self, protocol, text):
        now = with_protocol(OWN, protocol)
        self.assertRegex(protocol_text(protocol_of(now)), text)

    def test_of_a_saved_model_nothing_is_said_that_is_not_known(self):
        known = protocol_of(OWN, SAVED_MODEL_FIELDS)
        self.assertEqual(
            protocol_text(known), "test classes, 5-way 1-shot, 1 query a class"
        )


if __name__ == "__main__":
    absltest.main()
