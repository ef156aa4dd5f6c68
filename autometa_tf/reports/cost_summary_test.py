from absl.testing import absltest

from autometa_tf.reports.cost_summary import (
    CostSummary,
    failure_counts,
    summarize_costs,
)
from autometa_tf.testing import fake_run


class CostSummaryTest(absltest.TestCase):
    def test_failures_cost_too_but_have_no_part_in_means(self):
        # Scored: 60 + 120 + ... + 360 s, a sixth of it to build, a third to train;
        # failed: 60 s.
        self.assertEqual(
            summarize_costs(fake_run.EVALUATIONS),
            CostSummary(
                total_seconds=1260.0 + 60.0,
                build_seconds=35.0,
                train_seconds=70.0,
                scoring_seconds=105.0,
                seconds_per_candidate=210.0,
                peak_memory_bytes=2**30,
                num_retries=2,
            ),
        )

    def test_nothing_costs_nothing(self):
        costs = summarize_costs([])
        self.assertEqual(costs.total_seconds, 0)
        self.assertEqual(costs.seconds_per_candidate, 0)
        self.assertEqual(costs.peak_memory_bytes, 0)

    def test_reasons_are_counted_and_the_commonest_comes_first(self):
        genome = fake_run.FIRST
        evaluations = [
            fake_run.failure(genome, "NaN\nloss"),
            fake_run.failure(genome, "out of memory"),
            fake_run.success(genome, 0.5, 1, 1.0),
            fake_run.failure(genome, "out of  memory"),
        ]
        self.assertEqual(
            failure_counts(evaluations), [("out of memory", 2), ("NaN loss", 1)]
        )

    def test_long_reasons_are_cut(self):
        evaluations = [fake_run.failure(fake_run.FIRST, "x" * 1000)]
        self.assertEqual(failure_counts(evaluations), [("x" * 159 + "…", 1)])


if __name__ == "__main__":
    absltest.main()
