from absl.testing import absltest

from benchmarks.driver_throughput import simulate


class SimulateTest(absltest.TestCase):
    def test_a_driver_that_takes_no_time_keeps_all_workers_busy(self):
        self.assertEqual(simulate(100, candidate_seconds=60, driver_seconds=0), 1)

    def test_a_driver_that_is_too_slow_sets_the_pace(self):
        # 100 a second for workers that could do 1,000 a second.
        share = simulate(1000, candidate_seconds=1, driver_seconds=0.01)
        self.assertAlmostEqual(share, 0.1, delta=0.01)


if __name__ == "__main__":
    absltest.main()
