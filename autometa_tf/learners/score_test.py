import math

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.learners.score import Score, summarize_accuracies


class ScoreTest(parameterized.TestCase):
    def test_summary_is_the_mean_and_its_95_percent_interval(self):
        # Sample variance of 0, 1, 1, 0.6 by hand: mean 0.65, sum of squares 0.67.
        score = summarize_accuracies(np.array([0.0, 1.0, 1.0, 0.6]))
        self.assertAlmostEqual(score.mean, 0.65)
        self.assertAlmostEqual(score.ci95, 1.96 * (0.67 / 3) ** 0.5 / 2)
        self.assertEqual(score.num_episodes, 4)

    def test_equal_accuracies_leave_no_doubt(self):
        self.assertEqual(
            summarize_accuracies(np.full(9, 0.5)),
            Score(mean=0.5, ci95=0.0, num_episodes=9),
        )

    def test_the_interval_holds_the_truth_95_times_in_100(self):
        rng = np.random.default_rng(0)
        held = []
        for _ in range(2000):
            score = summarize_accuracies(rng.binomial(5, 0.7, size=100) / 5)
            held.append(abs(score.mean - 0.7) <= score.ci95)
        self.assertBetween(np.mean(held), 0.93, 0.97)

    @parameterized.parameters(
        ("mean", 1.01),
        ("mean", math.nan),
        ("ci95", -0.1),
        ("ci95", math.inf),
        ("num_episodes", -1),
    )
    def test_refuses_what_is_no_accuracy(self, field, value):
        fields = {"mean": 0.5, "ci95": 0.1, "num_episodes": 4, field: value}
        with self.assertRaisesRegex(ValueError, f"`{field}` must be 0 to .*Received"):
            Score(**fields)


if __name__ == "__main__":
    absltest.main()
