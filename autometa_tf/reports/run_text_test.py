import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.experiments.config_fields import leaves
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.run_text import (
    best_lines,
    setting_rows,
    status,
    summary_lines,
)
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run

_SUMMARY = RunSummary(
    network=Cell(fake_run.DEEP),
    num_parameters=2600,
    accuracy=SplitAccuracy(
        transductive=Score(mean=0.98123, ci95=0.00345, num_episodes=10_000),
        non_transductive=Score(mean=0.9612, ci95=0.0056, num_episodes=10_000),
    ),
    wall_seconds=7200.0,
)


def _record(num_evaluations=7, num_stages=2, summary=None, **changes):
    evaluations = fake_run.EVALUATIONS[:num_evaluations]
    return RunRecord(
        name="my-run",
        experiment=fake_run.experiment(**changes),
        command="bazel run",
        state=SearchState(
            stages=fake_run.STAGES[:num_stages],
            evaluations={found.genome: found for found in evaluations},
        ),
        all_evaluations=evaluations,
        summary=summary,
    )


class StatusTest(parameterized.TestCase):
    @parameterized.parameters(
        ((7, 2, _SUMMARY), "finished"),
        ((7, 2), "searched: the best cell is not yet trained in full"),
        ((6, 2), "unfinished: stage 2 of 2, 2 of its 3 candidates"),
        ((4, 1), "unfinished: stage 1 of 2, 4 of its 4 candidates"),
        ((0, 0), "begun: there is no stage yet"),
    )
    def test_tells_how_far_a_run_is(self, arguments, expected):
        self.assertEqual(status(_record(*arguments)), expected)


class BestLinesTest(absltest.TestCase):
    def test_both_accuracies_of_candidate_and_full_training(self):
        self.assertEqual(
            best_lines(_record(summary=_SUMMARY)),
            [
                "Best cell: (0 avg_pool3x3 + 0 avg_pool3x3) "
                "(0 identity + 2 conv1x5_5x1)",
                "Trained in full, 2,600 parameters: 98.12±0.34% transductive, "
                "96.12±0.56% non-transductive over 10,000 test episodes",
                "As a candidate, 2,500 parameters: 95.0±5.0% transductive, 85.0±6.0% "
                "non-transductive over 50 validation episodes",
                # 0.9 and 0.95 are at least 0.95 - 0.05, of six scores.
                "Scores within the 95% confidence interval of the best: 2 of 6",
            ],
        )

    def test_warns_where_the_test_classes_chose_the_cell(self):
        record = _record(summary=_SUMMARY, scoring_split="test")
        self.assertIn(
            "The test classes also chose the cell: to it they are not unseen",
            best_lines(record),
        )
        self.assertIn("over 50 test episodes", best_lines(record)[-2])

    def test_an_evaluation_without_interval(self):
        evaluation = dataclasses.replace(
            fake_run.EVALUATIONS[0], score_ci95=None, non_transductive_score=None
        )
        record = dataclasses.replace(
            _record(0),
            all_evaluations=(evaluation,),
            state=SearchState(
                stages=fake_run.STAGES, evaluations={evaluation.genome: evaluation}
            ),
        )
        self.assertEqual(
            best_lines(record)[1:],
            [
                "As a candidate, 2,000 parameters: 70.0% transductive, – "
                "non-transductive over 50 validation episodes"
            ],
        )


class SettingsTest(absltest.TestCase):
    def test_every_field_has_a_row(self):
        experiment = fake_run.experiment(num_filters=12)
        rows = dict(setting_rows(experiment.to_json()))
        self.assertEqual(set(rows), set(leaves(ExperimentConfig)))
        self.assertEqual(rows["num_filters"], "12")
        self.assertEqual(rows["seed"], "3")
        self.assertEqual(rows["num_parallel_episodes"], "not given")


class SummaryLinesTest(parameterized.TestCase):
    def test_tells_what_matters_most(self):
        lines = summary_lines(_record(summary=_SUMMARY))
        self.assertEqual(lines[0], "Run my-run: finished")
        self.assertEqual(
            lines[1],
            "glyphs, images of 28x28x1; 5-way 1-shot, trained with 10 shots; pnas, "
            "B = 2, K = 3",
        )
        self.assertEqual(
            lines[-3:],
            [
                "7 candidates in 2 stages, 1 failed (most often: NaN: the loss is | "
                "not *finite*)",
                # 22 minutes, and 1,260 s for six scores.
                "0.367 h of candidates' training and scoring, 210 s for each",
                "Spearman of predictions, out-of-sample: stage 2 0.50",
            ],
        )

    @parameterized.parameters((7, 2, _SUMMARY), (7, 2), (3, 1), (0, 1), (0, 0))
    def test_is_a_few_lines(self, *arguments):
        lines = summary_lines(_record(*arguments))
        self.assertBetween(len(lines), 5, 10)
        self.assertNotIn("\n", "".join(lines))


if __name__ == "__main__":
    absltest.main()
