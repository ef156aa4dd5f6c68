import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.search_plan import (
    CandidateCost,
    cost_of,
    costs_of,
    plan_search,
)
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes

_ONE = CandidateCost(
    num_blocks=1,
    build_seconds=1.0,
    iteration_seconds=0.5,
    episode_seconds=0.25,
    peak_memory_bytes=2**30,
)
_THREE = CandidateCost(
    num_blocks=3,
    build_seconds=3.0,
    iteration_seconds=0.9,
    episode_seconds=0.25,
    peak_memory_bytes=2**29,
)
_FIELDS = {
    "dataset": "glyphs",
    "max_num_blocks": 2,
    "beam_size": 9,
    "outer_iterations": 90,
    "num_scoring_episodes": 4,
    "final_outer_iterations": 1000,
    "num_test_episodes": 40,
    "num_finalists": 0,
}


def _plan(costs=(_ONE,), num_workers=1, num_cores=1, **fields):
    experiment = ExperimentConfig.from_preset(**_FIELDS | fields)
    return plan_search(
        experiment,
        costs,
        num_workers=num_workers,
        num_cores=num_cores,
        measured="a clock",
    )


class SearchPlanTest(parameterized.TestCase):
    def test_stages_cost_what_their_candidates_do(self):
        plan = _plan((_ONE, _THREE))
        stage1, stage2, full = plan.parts
        self.assertEqual((stage1.num_evaluations, stage2.num_evaluations), (55, 9))
        self.assertAlmostEqual(stage1.seconds, 55 * (1 + 90 * 0.5 + 4 * 0.25))
        self.assertAlmostEqual(stage2.seconds, 9 * (2 + 90 * 0.7 + 4 * 0.25))
        self.assertAlmostEqual(full.seconds, 2 + 1000 * 0.7 + 40 * 0.25)
        self.assertAlmostEqual(plan.search_seconds, stage1.seconds + stage2.seconds)

    def test_halved_stages_build_again_and_train_on(self):
        stage = _plan(halving_rungs=2, halving_factor=3, max_num_blocks=1).parts[0]
        self.assertEqual(stage.num_evaluations, 55 + 19 + 7)
        rungs = ((55, 10), (19, 20), (7, 60))
        expected = sum(n * (1 + more * 0.5 + 4 * 0.25) for n, more in rungs)
        self.assertAlmostEqual(stage.seconds, expected)

    def test_finalists_are_trained_for_longer(self):
        plan = _plan(
            num_finalists=3,
            finalist_factor=2,
            num_finalist_episodes=8,
            max_num_blocks=1,
            num_workers=2,
        )
        finalists = plan.parts[1]
        # Two rounds of two workers.
        self.assertAlmostEqual(finalists.seconds, 2 * (1 + 180 * 0.5 + 8 * 0.25))

    def test_workers_share_candidates_and_cores_the_full_training(self):
        alone, shared = _plan(), _plan(num_workers=4, num_cores=2)
        for part, less in zip(alone.parts[:-1], shared.parts[:-1], strict=True):
            self.assertAlmostEqual(less.seconds, part.seconds / 4)
        # Three of the five slots of a meta-batch are of the busier core.
        full, less = alone.parts[-1].seconds, shared.parts[-1].seconds
        self.assertAlmostEqual(less, full * 3 / 5)

    @parameterized.parameters("random", "evolution")
    def test_other_strategies_have_as_many_candidates(self, strategy):
        plan = _plan(search_strategy=strategy)
        self.assertEqual(sum(part.num_evaluations for part in plan.parts[:-1]), 64)

    def test_it_says_itself_as_a_table(self):
        lines = str(_plan(time_budget_hours=0.5)).splitlines()
        self.assertRegex(lines[1], r"^stage 1 +55 of 1 block +55 +0\.718 h$")
        self.assertRegex(lines[3], r"^full training +the best +1 ")
        self.assertEndsWith(lines[4], "; the search ends after 0.5 h at most")
        self.assertStartsWith(lines[5], "memory: 1 GiB for each of the workers")
        self.assertEqual(lines[-1], "measured: a clock")

    def test_rungs_keep_learners_on_disk(self):
        self.assertGreater(_plan(halving_rungs=1).disk_bytes, 2 * _plan().disk_bytes)


class CostsTest(absltest.TestCase):
    def test_of_one_size_seconds_grow_with_the_blocks(self):
        cost = cost_of([_ONE], 3)
        self.assertEqual(cost.num_blocks, 3)
        self.assertEqual((cost.build_seconds, cost.iteration_seconds), (3.0, 1.5))
        self.assertEqual(cost.peak_memory_bytes, 2**30)

    def test_of_two_sizes_others_lie_on_the_line(self):
        cost = cost_of([_THREE, _ONE], 5)
        self.assertAlmostEqual(cost.build_seconds, 5.0)
        self.assertAlmostEqual(cost.iteration_seconds, 1.3)

    def test_of_evaluations_the_first_rung_of_each_counts(self):
        key = EvaluationKey(seed=0, outer_iterations=90, rung=11, num_episodes=4)
        first, second = one_block_genomes()[:2]
        (larger,) = expand_beam([first])[:1]

        def evaluation(genome, rung, train_seconds):
            return Evaluation(
                genome=genome,
                key=dataclasses.replace(key, rung=rung),
                score=0.5,
                build_seconds=train_seconds / 5,
                train_seconds=train_seconds,
                scoring_seconds=2.0,
                peak_memory_bytes=100,
            )

        found = costs_of(
            [
                evaluation(first, 90, 99.0),
                evaluation(first, 11, 5.0),
                evaluation(second, 11, 15.0),
                evaluation(larger, 1, 99.0),
                Evaluation(genome=larger, key=key, score=None, failure="NaN"),
            ]
        )
        expected = CandidateCost(
            num_blocks=1,
            build_seconds=2.0,
            iteration_seconds=1.0,
            episode_seconds=0.5,
            peak_memory_bytes=100,
        )
        self.assertEqual(found, [expected])


if __name__ == "__main__":
    absltest.main()
