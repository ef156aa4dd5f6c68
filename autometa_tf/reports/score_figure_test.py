import numpy as np
from absl.testing import absltest

from autometa_tf.reports.figure_style import figure_style, stage_color
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.score_figure import ScorePoint, draw_scores, score_points
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


def _record(evaluations=fake_run.EVALUATIONS):
    return RunRecord(
        name="run",
        experiment=fake_run.experiment(),
        command="",
        state=SearchState(
            stages=fake_run.STAGES,
            evaluations={found.genome: found for found in evaluations},
        ),
        all_evaluations=tuple(evaluations),
    )


class ScorePointsTest(absltest.TestCase):
    def test_points_come_in_the_order_of_evaluation(self):
        rows = [
            (1, 1, 0.7, 0.7),
            (2, 1, 0.5, 0.7),
            (3, 1, None, 0.7),
            (4, 1, 0.9, 0.9),
            (5, 2, 0.95, 0.95),
            (6, 2, 0.8, 0.95),
            (7, 2, 0.6, 0.95),
        ]
        expected = [
            ScorePoint(count=count, stage=stage, score=score, best_score=best)
            for count, stage, score, best in rows
        ]
        self.assertEqual(score_points(_record()), expected)

    def test_there_is_no_best_before_the_first_score(self):
        (point,) = score_points(_record(fake_run.EVALUATIONS[2:3]))
        self.assertIsNone(point.best_score)


class ScoreFigureTest(absltest.TestCase):
    def draw(self, **kwargs):
        with figure_style():
            figure = draw_scores(_record(**kwargs))
        (axes,) = figure.axes
        found = {artist.get_label(): artist for artist in axes.collections}
        return axes, found

    def test_every_score_is_drawn_in_its_stage_s_color(self):
        _, found = self.draw()
        first, second = found["stage 1"], found["stage 2"]
        np.testing.assert_allclose(first.get_offsets(), [[1, 0.7], [2, 0.5], [4, 0.9]])
        np.testing.assert_allclose(
            second.get_offsets(), [[5, 0.95], [6, 0.8], [7, 0.6]]
        )
        np.testing.assert_allclose(first.get_facecolor(), [stage_color(1, 2)])
        np.testing.assert_allclose(second.get_facecolor(), [stage_color(2, 2)])

    def test_failures_and_the_best_are_marked(self):
        axes, found = self.draw()
        self.assertEqual(found["failed"].get_offsets()[:, 0].tolist(), [3])
        np.testing.assert_allclose(found["best: 95.0%"].get_offsets(), [[5, 0.95]])
        (line,) = axes.get_lines()
        np.testing.assert_allclose(line.get_xdata(), [1, 2, 3, 4, 5, 6, 7])
        np.testing.assert_allclose(
            line.get_ydata(), [0.7, 0.7, 0.7, 0.9, 0.95, 0.95, 0.95]
        )

    def test_without_failures_there_is_no_mark_for_them(self):
        _, found = self.draw(evaluations=fake_run.EVALUATIONS[:2])
        self.assertNotIn("failed", found)

    def test_everything_is_within_the_axes(self):
        axes, _ = self.draw()
        self.assertLess(axes.get_xlim()[0], 1)
        self.assertGreater(axes.get_xlim()[1], 7)
        self.assertLess(axes.get_ylim()[0], 0.5)
        self.assertGreater(axes.get_ylim()[1], 0.95)

    def test_the_best_is_marked_where_an_earlier_score_equals_it(self):
        evaluations = [
            fake_run.success(fake_run.SECOND, 0.7, 1, 1.0),
            fake_run.success(fake_run.FIRST, 0.7, 1, 1.0),
        ]
        _, found = self.draw(evaluations=evaluations)
        # Of equal scores a search takes the first in the order of genomes.
        np.testing.assert_allclose(found["best: 70.0%"].get_offsets(), [[2, 0.7]])


if __name__ == "__main__":
    absltest.main()
