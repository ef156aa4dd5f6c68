import numpy as np
from absl.testing import absltest

from autometa_tf.reports.depth_figure import depth_shares, draw_depths
from autometa_tf.reports.figure_style import figure_style
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


class DepthFigureTest(absltest.TestCase):
    def draw(self, evaluations=fake_run.EVALUATIONS):
        state = SearchState(
            stages=fake_run.STAGES,
            evaluations={found.genome: found for found in evaluations},
        )
        with figure_style():
            return draw_depths(state)

    def test_shares(self):
        shares = depth_shares(fake_run.EVALUATIONS[4:])
        self.assertEqual(list(shares), [1, 2])
        np.testing.assert_allclose(list(shares.values()), [1 / 3, 2 / 3])

    def test_bars_are_shares_of_all_and_of_the_best(self):
        all_cells, best_cells = self.draw().axes
        # The first stage's cells are all of depth 1. Of the second's three the best
        # one is the best quarter, and is of depth 2.
        self.assertEqual(
            _bars(all_cells), [(0, 0, 1), (1, 0, 0.333), (1, 0.333, 0.667)]
        )
        self.assertEqual(_bars(best_cells), [(0, 0, 1), (1, 0, 1)])
        self.assertEqual(
            [label.get_text() for label in all_cells.get_yticklabels()],
            ["stage 1 (3)", "stage 2 (3)"],
        )

    def test_a_depth_has_the_same_color_everywhere(self):
        all_cells, best_cells = self.draw().axes
        depth_1, also_1, depth_2 = [bar.get_facecolor() for bar in all_cells.patches]
        self.assertEqual(depth_1, also_1)
        self.assertNotEqual(depth_1, depth_2)
        self.assertEqual(best_cells.patches[1].get_facecolor(), depth_2)

    def test_stages_without_a_score_have_no_bar(self):
        all_cells, _ = self.draw(fake_run.EVALUATIONS[:3]).axes
        self.assertEqual(_bars(all_cells), [(0, 0, 1)])


def _bars(axes):
    """Row, begin and length of every bar, from top to bottom and left to right."""
    return [
        (
            round(bar.get_y() + bar.get_height() / 2),
            round(bar.get_x(), 3),
            round(bar.get_width(), 3),
        )
        for bar in axes.patches
    ]


if __name__ == "__main__":
    absltest.main()
