import time

from absl.testing import absltest, parameterized

from autometa_tf.experiments.begun_with import TIME_FORMAT
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.scored import with_scored

EXPERIMENT = ExperimentConfig.from_preset(
    "omniglot", shots=5, queries_per_class=15, scoring_inner_learning_rate=0.003
)


class ScoredTest(parameterized.TestCase):
    def test_all_that_a_score_depends_on_is_kept(self):
        (entry,) = with_scored([], "final", "test", EXPERIMENT.final)
        begun = time.strptime(entry.pop("time"), TIME_FORMAT)
        self.assertEqual(begun.tm_year, time.gmtime().tm_year)
        self.assertEqual(
            entry,
            {
                "part": "final",
                "split": "test",
                "ways": 5,
                "shots": 5,
                "queries_per_class": 15,
                "inner_iterations": 50,
                "inner_batch_size": 5,
                "inner_learning_rate": 0.003,
                "episodes": 10_000,
            },
        )

    def test_the_inner_iterations_are_those_of_its_support_sets(self):
        config = EXPERIMENT.with_fields(scoring_support_passes=20).final
        (entry,) = with_scored([], "final", "test", config)
        self.assertEqual(entry["inner_iterations"], 20 * 25 / 5)

    def test_what_is_there_already_is_not_repeated(self):
        scored = []
        for part, split in (
            ("candidate", "validation"),
            ("final", "test"),
            ("candidate", "validation"),
            ("final", "validation"),
        ):
            scored = with_scored(scored, part, split, EXPERIMENT.final)
        self.assertEqual(
            [(each["part"], each["split"]) for each in scored],
            [("candidate", "validation"), ("final", "test"), ("final", "validation")],
        )


if __name__ == "__main__":
    absltest.main()
