import numpy as np
from absl.testing import absltest, parameterized

from benchmarks.halving_replay import Schedule, replay, schedules

_RUNGS = (30, 100, 300, 1000)


class HalvingReplayTest(parameterized.TestCase):
    def test_cost_counted_by_hand(self):
        schedule = Schedule((30, 100, 1000), 3)
        # 10 cells to 30, 4 from there to 100, 2 from there to 1,000.
        self.assertEqual(schedule.counts(10), (10, 4, 2))
        self.assertEqual(schedule.cost(10), 10 * 30 + 4 * 70 + 2 * 900)
        self.assertEqual(Schedule((1000,), 3).cost(7), 7000)

    @parameterized.parameters((2380, 10), (2379, 9), (1000, 1))
    def test_affords_what_does_not_cost_more(self, budget, expected):
        schedule = Schedule((30, 100, 1000), 3)
        self.assertEqual(schedule.affordable(budget), expected)

    def test_choice_followed_by_hand(self):
        scores = np.array(
            [[0.5, 0.1, 0.9], [0.4, 0.3, 0.5], [0.3, 0.9, 0.7], [0.2, 1, 1]]
        )
        # Two of four go on, 0 and 1; of these 1 is better at the second rung.
        self.assertEqual(Schedule((30, 100, 1000), 2).choice(scores), 1)
        self.assertEqual(Schedule((1000,), 2).choice(scores[:, 2:]), 3)

    def test_all_schedules_are_there_once(self):
        found = list(schedules(_RUNGS, (3, 2)))
        self.assertLen(set(found), 1 + 2 * (2**3 - 1))
        self.assertEqual(found[0], Schedule((1000,), 3))
        self.assertTrue(all(each.rungs[-1] == 1000 for each in found))

    def test_true_early_rankings_lose_nothing(self):
        scores = np.linspace(0.1, 0.9, 12)[:, None] + np.zeros(4)
        found = replay(Schedule((30, 1000), 4), _RUNGS, scores, budget=4000)
        self.assertEqual(found.lost, 0)
        self.assertLessEqual(found.cost, 4000)

    def test_full_training_has_the_regret_of_the_best_of_some_draws(self):
        scores = np.zeros((10, 4))
        scores[:, -1] = np.arange(10) / 10
        found = replay(Schedule((1000,), 3), _RUNGS, scores, budget=2000)
        # The best of two draws of 0 to 9 with replacement is k in 2k + 1 of 100.
        expected = 0.9 - sum((2 * k + 1) / 100 * k / 10 for k in range(10))
        self.assertAlmostEqual(found.mean, expected, delta=0.03)
        self.assertEqual(found.lost, 0)
        self.assertLess(found.low, found.high)

    def test_false_early_rankings_lose(self):
        scores = np.linspace(0.1, 0.9, 12)[:, None] * np.array([-1, -1, -1, 1])
        found = replay(Schedule((30, 1000), 4), _RUNGS, scores, budget=4000)
        self.assertGreater(found.lost, 0.3)

    def test_refuses_what_pays_for_no_cell(self):
        with self.assertRaisesRegex(ValueError, "at least 1000. Received: 900"):
            replay(Schedule((30, 1000), 3), _RUNGS, np.zeros((2, 4)), budget=900)


if __name__ == "__main__":
    absltest.main()
