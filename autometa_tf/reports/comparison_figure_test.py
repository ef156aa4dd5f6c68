import numpy as np
from absl.testing import absltest

from autometa_tf.reports.comparison_figure import (
    best_score_curve,
    draw_comparison,
)
from autometa_tf.reports.figure_style import figure_style
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


def _record(evaluations, name="run"):
    return RunRecord(
        name=name,
        experiment=fake_run.experiment(),
        command="",
        state=SearchState(
            stages=fake_run.STAGES,
            evaluations={found.genome: found for found in evaluations},
        ),
        all_evaluations=tuple(evaluations),
    )


class ComparisonFigureTest(absltest.TestCase):
    def test_a_curve_tells_what_the_best_has_cost(self):
        curve = best_score_curve(_record(fake_run.EVALUATIONS))
        self.assertEqual(curve.counts, (1, 2, 3, 4, 5, 6, 7))
        # 60, 120, 60 (failed), 180, 240, 300 and 360 seconds.
        np.testing.assert_allclose(
            np.array(curve.hours) * 3600, [60, 180, 240, 420, 660, 960, 1320]
        )
        np.testing.assert_allclose(
            curve.best_scores, [0.7, 0.7, 0.7, 0.9, 0.95, 0.95, 0.95]
        )

    def test_a_curve_begins_with_the_first_score(self):
        curve = best_score_curve(_record(fake_run.EVALUATIONS[2:4]))
        self.assertEqual(curve.counts, (2,))
        np.testing.assert_allclose(curve.hours, [240 / 3600])
        self.assertEqual(best_score_curve(_record([])).counts, ())

    def test_every_run_has_its_line_in_both_panels(self):
        records = [
            _record(fake_run.EVALUATIONS, "a"),
            _record(fake_run.EVALUATIONS[:2], "b"),
            _record([], "c"),
        ]
        with figure_style():
            figure = draw_comparison(records)
        by_count, by_hours = (axes.get_lines() for axes in figure.axes)
        self.assertEqual([line.get_label() for line in by_count], ["a", "b", "c"])
        self.assertEqual([len(line.get_xdata()) for line in by_hours], [7, 2, 0])
        np.testing.assert_allclose(by_count[1].get_xdata(), [1, 2])
        np.testing.assert_allclose(by_hours[1].get_ydata(), [0.7, 0.7])
        self.assertLen({line.get_color() for line in by_count}, 3)
        self.assertEqual(by_count[0].get_color(), by_hours[0].get_color())


if __name__ == "__main__":
    absltest.main()
