import dataclasses
import math

from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store import open_store
from autometa_tf.search.time_budget import TimeBudget
from autometa_tf.testing.fake_evaluator import (
    DEFAULT_KEY,
    FakeEvaluator,
    hash_score,
    requests,
)
from autometa_tf.testing.tiny_search import TinySearch, search

_LAST = dataclasses.replace(DEFAULT_KEY, outer_iterations=10, rung=10)
_FINALISTS = EvaluationPlan(
    keys=(_LAST,),
    finalist_key=dataclasses.replace(_LAST, outer_iterations=20, rung=20),
    num_finalists=3,
)
_HALVED = dataclasses.replace(
    _FINALISTS, keys=(dataclasses.replace(_LAST, rung=1), _LAST), halving_factor=2
)
_GENOMES = tuple(one_block_genomes()[:4])


class TimedEvaluator(FakeEvaluator):
    """Takes a second of a clock of its own for each block of a candidate."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seconds = 0.0

    def evaluation(self, request):
        self.seconds += request.genome.num_blocks
        return super().evaluation(request)


class TimeBudgetTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.seconds = 100.0

    def budget(self, hours=1.0, spent_seconds=0.0, plan=_FINALISTS):
        return TimeBudget(
            hours,
            spent_seconds=spent_seconds,
            num_stages=3,
            plan=plan,
            clock=lambda: self.seconds,
        )

    @parameterized.parameters((1, 900), (2, 1200), (3, 1800))
    def test_a_stage_has_its_part_of_the_time_left(self, number, seconds):
        # Of an hour; the finalists have a part too.
        budget = self.budget()
        budget.begin_stage(number)
        self.seconds += seconds - 1
        self.assertEqual(budget.lap(), seconds - 1)
        self.assertFalse(budget.stage_is_over)
        self.seconds += 1
        budget.lap()
        self.assertTrue(budget.stage_is_over)
        self.assertAlmostEqual(budget.seconds_left, 3600 - seconds)

    def test_earlier_sittings_count(self):
        budget = self.budget(spent_seconds=3599.0)
        self.assertFalse(budget.is_spent)
        self.seconds += 1
        budget.lap()
        self.assertTrue(budget.is_spent)

    def test_without_a_limit_nothing_is_ever_over(self):
        budget = self.budget(hours=None)
        budget.begin_stage(1)
        self.seconds += 1e9
        budget.lap()
        self.assertFalse(budget.stage_is_over)
        self.assertTrue(math.isinf(budget.seconds_left))

    # Four candidates took 10 seconds each; a finalist is trained twice as long.
    @parameterized.parameters((61, 3), (59, 2), (41, 2), (39, 0), (0, 0), (None, 3))
    def test_there_are_as_many_finalists_as_there_is_time_for(self, left, expected):
        stage = Stage(number=1, genomes=_GENOMES, num_expanded=4, num_distinct=4)
        state = SearchState(stages=(stage,))
        for request in requests(_GENOMES, _LAST):
            state = state.with_evaluation(FakeEvaluator().evaluation(request))
        hours = None if left is None else (40 + left) / 3600
        budget = self.budget(hours=hours, spent_seconds=40.0)
        self.assertEqual(budget.num_finalists(state), expected)


class LimitedSearchTest(parameterized.TestCase):
    """Stages of 20 cells of one block, and 5 of two and of three."""

    def search(self, seconds, plan=_FINALISTS, run_dir=None, evaluator=None, **kwargs):
        evaluator = evaluator or TimedEvaluator()
        state = search(
            run_dir or self.create_tempdir().full_path,
            evaluator,
            plan=plan,
            time_budget_hours=seconds and seconds / 3600,
            clock=lambda: evaluator.seconds,
            **kwargs,
        )
        return state, evaluator

    def test_enough_time_changes_nothing(self):
        expected, _ = self.search(None)
        found, evaluator = self.search(1000)
        self.assertEqual(found, expected)
        of_finalists = sum(genome.num_blocks for genome in expected.finalists)
        self.assertEqual(evaluator.seconds, 20 + 10 + 15 + of_finalists)

    def test_too_little_is_shared_out(self):
        state, evaluator = self.search(24)
        # Four parts of six seconds; then of 18 two have 6, and then of 12 one has 6.
        counts = [
            sum(genome in state.evaluations for genome in stage.genomes)
            for stage in state.stages
        ]
        self.assertEqual(counts, [6, 3, 2])
        self.assertTrue(all(stage.is_closed for stage in state.stages))
        # Two finalists of up to three blocks would take more than the 6 s left.
        self.assertEmpty(state.finalists)
        self.assertEqual(evaluator.seconds, 18)

    def test_the_most_promising_come_first(self):
        state, _ = self.search(24, strategy=_Predicting())
        for stage in state.stages[1:]:
            predicted = dict(zip(stage.genomes, stage.predictions, strict=True))
            done = [predicted[g] for g in stage.genomes if g in state.evaluations]
            rest = [predicted[g] for g in stage.genomes if g not in state.evaluations]
            self.assertGreater(min(done), max(rest))

    def test_a_stage_has_at_least_one_score(self):
        state, _ = self.search(0.001)
        self.assertLen(state.evaluations, 1)
        self.assertLen(state.stages, 1)
        self.assertIsNotNone(state.best)

    def test_who_has_begun_goes_on(self):
        state, _ = self.search(24, plan=_HALVED)
        for stage in state.stages:
            reached = [state.curve(genome) for genome in stage.genomes]
            begun = sum(bool(curve) for curve in reached)
            self.assertLess(begun, len(stage.genomes))
            self.assertEqual(sum(len(curve) == 2 for curve in reached), -(-begun // 2))

    @parameterized.named_parameters(("halved", _HALVED), ("not_halved", _FINALISTS))
    def test_a_finished_search_is_never_decided_again(self, plan):
        run_dir = self.create_tempdir().full_path
        expected, _ = self.search(60, plan, run_dir)
        # A clock that says something else now, and even no limit any more, for what was
        # decided.
        again = TimedEvaluator()
        found, _ = self.search(60, plan, run_dir, again)
        self.assertEqual(found, expected)
        self.assertEmpty(again.requests)

    def test_time_counts_through_interruptions(self):
        class Killed(TimedEvaluator):
            def evaluation(self, request):
                if len(self.requests) > 1:
                    raise KeyboardInterrupt
                return super().evaluation(request)

        run_dir = self.create_tempdir().full_path
        seconds = 0.0
        for _ in range(100):
            evaluator = Killed()
            try:
                self.search(24, run_dir=run_dir, evaluator=evaluator)
                break
            except KeyboardInterrupt:
                pass
            finally:
                seconds += evaluator.seconds
        with open_store(run_dir) as store:
            self.assertEqual(store.read_seconds_spent(), seconds)
        self.assertBetween(seconds, 12, 27)


class _Predicting(TinySearch):
    """Predictions for all but the first stage."""

    def suggest(self, state):
        stage = super().suggest(state)
        if stage is None or stage.number == 1:
            return stage
        predictions = tuple(hash_score(genome, 1) for genome in stage.genomes)
        return dataclasses.replace(stage, predictions=predictions)


if __name__ == "__main__":
    absltest.main()
