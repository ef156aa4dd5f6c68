import dataclasses

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.reports.figure_style import figure_style
from autometa_tf.reports.prediction_figure import (
    PredictedStage,
    draw_predictions,
    predicted_stages,
)
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


def _state(evaluations=fake_run.EVALUATIONS, stages=fake_run.STAGES):
    return SearchState(
        stages=stages, evaluations={found.genome: found for found in evaluations}
    )


class PredictedStagesTest(absltest.TestCase):
    def test_pairs_predictions_with_scores(self):
        # Ranks 1, 3, 2 predicted and 2, 3, 1 true: Spearman's is
        # 1 - 6 * (1 + 0 + 1) / (3 * 8), and of 3 pairs 2 are in order.
        (stage,) = predicted_stages(_state())
        self.assertAlmostEqual(stage.spearman, 0.5)
        self.assertAlmostEqual(stage.kendall, 1 / 3)
        self.assertEqual(
            dataclasses.replace(stage, spearman=None, kendall=None),
            PredictedStage(
                number=2,
                predictions=(0.6, 0.8, 0.7),
                scores=(0.8, 0.95, 0.6),
                spearman=None,
                kendall=None,
            ),
        )

    def test_failed_and_pending_candidates_are_left_out(self):
        evaluations = [
            *fake_run.EVALUATIONS[:5],
            fake_run.failure(fake_run.SHALLOW, "NaN"),
        ]
        (stage,) = predicted_stages(_state(evaluations))
        self.assertEqual((stage.predictions, stage.scores), ((0.8,), (0.95,)))
        self.assertIsNone(stage.spearman)

    def test_stages_without_a_score_are_left_out(self):
        self.assertEmpty(predicted_stages(_state(fake_run.EVALUATIONS[:4])))


class PredictionFigureTest(parameterized.TestCase):
    def test_draws_the_pairs_and_tells_their_rank_correlation(self):
        with figure_style():
            (axes,) = draw_predictions(_state()).axes
        (dots,) = axes.collections
        np.testing.assert_allclose(
            dots.get_offsets(), [[0.6, 0.8], [0.8, 0.95], [0.7, 0.6]]
        )
        (text,) = axes.texts
        self.assertEqual(text.get_text(), "Spearman 0.50, Kendall 0.33, 3 cells")
        self.assertEqual(axes.get_title(loc="left"), "stage 2")

    @parameterized.parameters((1, 1, 1), (2, 1, 2), (4, 2, 2), (5, 2, 3), (9, 3, 3))
    def test_panels_are_laid_out_in_rows(self, num_stages, num_rows, num_columns):
        stages = [fake_run.STAGES[0]] + [
            dataclasses.replace(fake_run.STAGES[1], number=number)
            for number in range(2, num_stages + 2)
        ]
        with figure_style():
            figure = draw_predictions(_state(stages=tuple(stages)))
        self.assertLen(figure.axes, num_stages)
        grid = figure.axes[0].get_gridspec()
        self.assertEqual((grid.nrows, grid.ncols), (num_rows, num_columns))


if __name__ == "__main__":
    absltest.main()
