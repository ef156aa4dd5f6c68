import numpy as np
from absl.testing import absltest

from autometa_tf.reports.figure_style import figure_style
from autometa_tf.reports.size_figure import best_by_size, draw_sizes
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run

_STATE = SearchState(
    stages=fake_run.STAGES,
    evaluations={found.genome: found for found in fake_run.EVALUATIONS},
)


class SizeFigureTest(absltest.TestCase):
    def test_what_a_smaller_network_does_better_is_not_best_by_size(self):
        # 3,000 parameters give 0.9, but 2,500 give 0.95.
        self.assertEqual(
            [(e.num_parameters, e.score) for e in best_by_size(_STATE.successes)],
            [(1000, 0.5), (2000, 0.7), (2500, 0.95)],
        )

    def test_of_networks_of_one_size_the_best_counts(self):
        evaluations = [
            fake_run.success(fake_run.FIRST, 0.5, 1000, 1.0),
            fake_run.success(fake_run.SECOND, 0.6, 1000, 1.0),
        ]
        self.assertEqual(best_by_size(evaluations), evaluations[1:])

    def test_all_scores_are_drawn_by_size(self):
        with figure_style():
            (axes,) = draw_sizes(_STATE).axes
        first, second = axes.collections
        np.testing.assert_allclose(
            first.get_offsets(), [[1000, 0.5], [2000, 0.7], [3000, 0.9]]
        )
        np.testing.assert_allclose(
            second.get_offsets(), [[4000, 0.8], [2500, 0.95], [5000, 0.6]]
        )
        (line,) = axes.get_lines()
        np.testing.assert_allclose(line.get_xdata(), [1000, 2000, 2500, 5000])
        np.testing.assert_allclose(line.get_ydata(), [0.5, 0.7, 0.95, 0.95])


if __name__ == "__main__":
    absltest.main()
