import itertools
from unittest import mock

import numpy as np
from absl.testing import absltest

from benchmarks import rank_intervals
from benchmarks.rank_intervals import episodes_needed, interval, kendall, spearman


def _tau(x, y):
    """Concordant less discordant pairs, over all pairs; there are no ties."""
    pairs = list(itertools.combinations(range(len(x)), 2))
    signs = [np.sign((x[i] - x[j]) * (y[i] - y[j])) for i, j in pairs]
    return sum(signs) / len(pairs)


class RankIntervalsTest(absltest.TestCase):
    def test_values_are_those_of_the_definitions(self):
        x = [0.3, 0.1, 0.5, 0.9, 0.7]
        y = [0.2, 0.4, 0.6, 0.95, 0.8]
        self.assertAlmostEqual(kendall(x, y).value, _tau(x, y))
        ranks = [np.argsort(np.argsort(each)) for each in (x, y)]
        self.assertAlmostEqual(spearman(x, y).value, np.corrcoef(*ranks)[0, 1])
        self.assertEqual(kendall(x, y).num_cells, 5)

    def test_intervals_hold_what_is_true_about_as_often_as_they_say(self):
        # Normal numbers with correlation r have tau 2/pi asin(r).
        truth = 2 / np.pi * np.arcsin(0.7)
        generator = np.random.default_rng(0)
        held = 0
        for _ in range(20):
            x, noise = generator.normal(size=(2, 40))
            with mock.patch.object(rank_intervals, "NUM_RESAMPLES", 200):
                found = kendall(x, 0.7 * x + np.sqrt(1 - 0.49) * noise)
            held += found.low <= truth <= found.high
        self.assertBetween(held, 16, 20)

    def test_few_or_equal_cells_have_no_correlation(self):
        for x, y in (([], []), ([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3])):
            found = kendall(x, y)
            self.assertIsNone(found.value)
            self.assertIsNone(found.low)
            self.assertEqual(found.num_cells, len(x))

    def test_interval_is_the_middle_of_what_is_defined(self):
        low, high = interval([*range(101), float("nan")])
        self.assertAlmostEqual(low, 2.5)
        self.assertAlmostEqual(high, 97.5)
        self.assertEqual(interval([float("nan")]), (None, None))

    def test_so_many_episodes_give_that_tau(self):
        generator = np.random.default_rng(0)
        true = generator.normal(0.7, 0.05, size=1000)
        spread = 0.2  # Of one episode's accuracy.
        scores = true + generator.normal(0, spread / 10, size=1000)  # Of 100 episodes.
        ci95 = np.full(1000, 1.96 * spread / 10)
        needed = episodes_needed(scores, ci95, 100, tau=0.8)
        again = true + generator.normal(0, spread / np.sqrt(needed), size=1000)
        self.assertAlmostEqual(_fast_tau(true, again), 0.8, delta=0.02)

    def test_cells_within_their_errors_need_no_number(self):
        self.assertIsNone(episodes_needed([0.5, 0.51, 0.52], [0.1] * 3, 100, 0.9))
        self.assertIsNone(episodes_needed([0.5, 0.9], [0.01] * 2, 100, 0.9))


def _fast_tau(x, y):
    signs = np.sign(x[:, None] - x) * np.sign(y[:, None] - y)
    return signs.sum() / (len(x) * (len(x) - 1))


if __name__ == "__main__":
    absltest.main()
