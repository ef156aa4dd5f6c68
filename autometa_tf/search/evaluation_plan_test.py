import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.search.evaluation_plan import (
    EvaluationPlan,
    plan_without_rungs,
    rungs,
    training_work,
)

_KEY = EvaluationKey(seed=0, outer_iterations=90, rung=90, num_episodes=2)
_LONGER = dataclasses.replace(_KEY, outer_iterations=300, rung=300)


def _at(*steps):
    return tuple(dataclasses.replace(_KEY, rung=rung) for rung in steps)


class EvaluationPlanTest(parameterized.TestCase):
    @parameterized.parameters(
        (1, (1, 1, 1)), (3, (3, 1, 1)), (10, (10, 4, 2)), (100, (100, 34, 12))
    )
    def test_one_of_three_goes_on(self, num_candidates, expected):
        plan = EvaluationPlan(keys=_at(10, 30, 90), halving_factor=3)
        self.assertEqual(plan.num_reaching(num_candidates), expected)

    def test_each_rung_adds_its_part_of_the_training(self):
        shares = EvaluationPlan(keys=_at(9, 27, 90)).shares
        self.assertSequenceAlmostEqual(shares, (0.1, 0.2, 0.7))

    def test_without_rungs_all_are_trained_to_the_end(self):
        plan = plan_without_rungs(_KEY)
        self.assertEqual(plan.num_reaching(7), (7,))
        self.assertEqual(plan.shares, (1.0,))

    def test_the_first_rung_is_a_part_of_the_work(self):
        # All are trained for a third, and a third of them for the rest.
        plan = EvaluationPlan(keys=_at(30, 90), halving_factor=3)
        self.assertAlmostEqual(plan.first_rung_share, 3 / 5, places=3)
        self.assertEqual(plan_without_rungs(_KEY).first_rung_share, 1.0)

    def test_work_counts_blocks_and_what_a_rung_adds(self):
        plan = EvaluationPlan(
            keys=_at(9, 27, 90), finalist_key=_LONGER, num_finalists=2
        )
        for genome in (one_block_genomes()[0], expand_beam(one_block_genomes())[0]):
            for key, share in zip(
                (*plan.keys, _LONGER), (0.1, 0.2, 0.7, 300 / 90), strict=True
            ):
                found = Evaluation(genome=genome, key=key, score=0.5)
                work = training_work(genome.num_blocks) * share
                self.assertAlmostEqual(plan.work(found), work)
        # Nine candidates, three, and one; then two finalists of four blocks.
        work = (9 * 0.1 + 3 * 0.2 + 1 * 0.7) * 2.5
        self.assertAlmostEqual(plan.stage_work(1.5, 9), work)
        self.assertAlmostEqual(plan.finalists_work(4, 2), 2 * 5 * 300 / 90)

    @parameterized.named_parameters(
        ("falling", {"keys": _at(30, 10, 90)}, "`keys`"),
        ("equal", {"keys": _at(90, 90)}, "`keys`"),
        ("no_end", {"keys": _at(10, 30)}, "`keys`"),
        ("two_trainings", {"keys": (_KEY, _LONGER)}, "`keys`"),
        ("finalists_only", {"num_finalists": 2}, "`finalist_key`"),
        ("key_only", {"finalist_key": _LONGER}, "`finalist_key`"),
        ("same_key", {"finalist_key": _KEY, "num_finalists": 2}, "`finalist_key`"),
    )
    def test_refuses_contradictions(self, fields, message):
        with self.assertRaisesRegex(ValueError, f"{message} must .* Received: "):
            EvaluationPlan(**{"keys": (_KEY,)} | fields)


class RungsTest(parameterized.TestCase):
    @parameterized.parameters(
        (1000, 0, 3, [1000]),
        (1000, 2, 3, [111, 333, 1000]),
        (40, 1, 2, [20, 40]),
        (8, 3, 2, [1, 2, 4, 8]),
    )
    def test_each_is_a_multiple_of_the_one_before(self, length, number, factor, found):
        self.assertEqual(rungs(length, number, factor), found)

    def test_refuses_more_than_there_are_iterations_for(self):
        with self.assertRaisesRegex(ValueError, "`halving_rungs` .* Received: 4."):
            rungs(8, 4, 2)


if __name__ == "__main__":
    absltest.main()
