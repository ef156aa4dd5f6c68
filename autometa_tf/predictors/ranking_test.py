import itertools

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.predictors.ranking import ranking_quality


def _spearman(x, y):
    """Pearson's correlation of the ranks, ties sharing their mean rank."""

    def ranks(values):
        return [
            np.mean([rank for rank, w in enumerate(sorted(values)) if w == v])
            for v in values
        ]

    return np.corrcoef(ranks(x), ranks(y))[0, 1]


def _kendall(x, y):
    """Tau-b: concordant less discordant pairs, over the pairs that do not tie."""
    pairs = list(itertools.combinations(range(len(x)), 2))
    in_x = np.array([np.sign(x[i] - x[j]) for i, j in pairs])
    in_y = np.array([np.sign(y[i] - y[j]) for i, j in pairs])
    return (in_x * in_y).sum() / np.sqrt((in_x != 0).sum() * (in_y != 0).sum())


class RankingQualityTest(parameterized.TestCase):
    @parameterized.parameters(10, 3)
    def test_agrees_with_the_definitions(self, num_levels):
        # Few levels make ties.
        generator = np.random.default_rng(num_levels)
        x, y = generator.integers(num_levels, size=(2, 30)) / num_levels
        quality = ranking_quality(x, y)
        self.assertAlmostEqual(quality.spearman, _spearman(x, y))
        self.assertAlmostEqual(quality.kendall, _kendall(x, y))
        self.assertAlmostEqual(
            quality.mean_absolute_error,
            sum(abs(a - b) for a, b in zip(x, y, strict=True)) / 30,
        )
        self.assertEqual(quality.num_genomes, 30)

    @parameterized.parameters(([1, 2, 3], 1.0), ([3, 2, 1], -1.0))
    def test_extremes(self, predictions, expected):
        quality = ranking_quality(predictions, [0.1, 0.2, 0.9])
        self.assertAlmostEqual(quality.spearman, expected)
        self.assertAlmostEqual(quality.kendall, expected)

    @parameterized.parameters(
        ([0.5], [0.25]), ([0.5, 0.5], [0.25, 0.75]), ([0.25, 0.75], [0.5, 0.5])
    )
    def test_no_correlation_where_undefined(self, predictions, scores):
        quality = ranking_quality(predictions, scores)
        self.assertIsNone(quality.spearman)
        self.assertIsNone(quality.kendall)
        self.assertEqual(quality.mean_absolute_error, 0.25)

    def test_of_nothing(self):
        self.assertIsNone(ranking_quality([], []).mean_absolute_error)

    @parameterized.parameters(([1.0], []), ([[1.0]], [[1.0]]), ([float("nan")], [1.0]))
    def test_refuses_what_cannot_be_compared(self, predictions, scores):
        with self.assertRaisesRegex(ValueError, "must be"):
            ranking_quality(predictions, scores)


if __name__ == "__main__":
    absltest.main()
