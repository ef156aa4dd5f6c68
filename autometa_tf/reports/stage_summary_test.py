from absl.testing import absltest

from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.reports.stage_summary import (
    StageSummary,
    best_quarter,
    summarize_stages,
)
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


def _state(evaluations):
    return SearchState(
        stages=fake_run.STAGES,
        evaluations={found.genome: found for found in evaluations},
    )


class StageSummaryTest(absltest.TestCase):
    def test_all_stages_done(self):
        self.assertEqual(
            summarize_stages(_state(fake_run.EVALUATIONS)),
            [
                StageSummary(
                    number=1,
                    num_candidates=4,
                    num_evaluated=4,
                    num_failures=1,
                    best_score=0.9,
                    median_score=0.7,
                    median_depth=1,
                    num_expanded=55,
                    num_distinct=50,
                ),
                StageSummary(
                    number=2,
                    num_candidates=3,
                    num_evaluated=3,
                    num_failures=0,
                    best_score=0.95,
                    median_score=0.8,
                    median_depth=2,
                    num_expanded=1360,
                    num_distinct=1340,
                ),
            ],
        )

    def test_a_stage_in_training_counts_what_is_there(self):
        stage = summarize_stages(_state(fake_run.EVALUATIONS[:6]))[1]
        self.assertEqual((stage.num_evaluated, stage.num_candidates), (2, 3))
        self.assertAlmostEqual(stage.median_score, (0.95 + 0.8) / 2)
        self.assertEqual(stage.median_depth, 1.5)

    def test_a_stage_without_a_score_has_no_best(self):
        stage = summarize_stages(_state(fake_run.EVALUATIONS[2:3]))[0]
        self.assertEqual((stage.num_evaluated, stage.num_failures), (1, 1))
        self.assertIsNone(stage.best_score)
        self.assertIsNone(stage.median_score)
        self.assertIsNone(stage.median_depth)


class BestQuarterTest(absltest.TestCase):
    def test_is_rounded_up(self):
        evaluations = [
            fake_run.success(genome, 0.5 + index / 32, 1, 1.0)
            for index, genome in enumerate(one_block_genomes()[:9])
        ]
        self.assertEqual(
            [found.score for found in best_quarter(evaluations)],
            [0.75, 0.71875, 0.6875],
        )
        self.assertLen(best_quarter(evaluations[:1]), 1)


if __name__ == "__main__":
    absltest.main()
