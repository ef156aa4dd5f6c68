import dataclasses

from absl.testing import absltest

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.search.evaluation_plan import EvaluationPlan, plan_without_rungs
from autometa_tf.search.progress import Progress, ProgressMeter
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.strategy import StagePlan
from autometa_tf.search.time_budget import TimeBudget
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY

_ONES = tuple(one_block_genomes()[:4])
_TWOS = tuple(expand_beam(_ONES)[:6])
_PLAN = (
    StagePlan(num_candidates=4, num_blocks=1),
    StagePlan(num_candidates=10, num_blocks=2),
)


def _stage(number, genomes):
    count = len(genomes)
    return Stage(number=number, genomes=genomes, num_expanded=count, num_distinct=count)


def _evaluation(genome, score=0.5, key=DEFAULT_KEY, **fields):
    return Evaluation(
        genome=genome,
        key=key,
        score=score,
        failure="" if score is not None else "NaN",
        **fields,
    )


def _progress(**changes):
    fields = {
        "stage": 2,
        "num_stages": 5,
        "stage_done": 3,
        "stage_total": 100,
        "search_done": 58,
        "search_total": 455,
        "num_failures": 0,
        "best": _evaluation(_ONES[0], score=0.95),
        "latest": _evaluation(_ONES[1], score=0.934, score_ci95=0.012),
        "stage_seconds_left": 61.0,
        "search_seconds_left": 7260.0,
    }
    return Progress(**fields | changes)


class ProgressTest(absltest.TestCase):
    def test_a_line_tells_score_best_and_time_left(self):
        self.assertEqual(
            str(_progress()),
            f"stage 2/5, candidate 3/100: 93.4±1.2% {_ONES[1]} | best 95.0% | "
            "left: stage 1m 01s, search 2h 01m",
        )

    def test_a_failed_candidate_is_told_with_its_reason(self):
        line = str(_progress(latest=_evaluation(_ONES[1], score=None)))
        self.assertIn(f"candidate 3/100: failed (NaN) {_ONES[1]} | best", line)

    def test_a_stage_begins_or_goes_on(self):
        first = _progress(latest=None, stage_done=0, best=None)
        self.assertIn("candidate 0/100 begins | left", str(first))
        self.assertIn("candidate 3/100 goes on | best", str(_progress(latest=None)))


class ProgressMeterTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.seconds = 100.0
        plan = plan_without_rungs(DEFAULT_KEY)
        self.meter = ProgressMeter(_PLAN, plan, clock=lambda: self.seconds)

    def begin(self, *stages, evaluations=()):
        stages = tuple(_stage(i, genomes) for i, genomes in enumerate(stages, start=1))
        return self.meter.begin_stage(
            SearchState(stages=stages, evaluations={e.genome: e for e in evaluations})
        )

    def add(self, genome, seconds, score=0.5):
        self.seconds += seconds
        return self.meter.add(_evaluation(genome, score))

    def test_begins_with_the_plan_and_no_estimate(self):
        progress = self.begin(_ONES)
        self.assertEqual((progress.stage, progress.num_stages), (1, 2))
        self.assertEqual((progress.stage_done, progress.stage_total), (0, 4))
        self.assertEqual((progress.search_done, progress.search_total), (0, 14))
        self.assertIsNone(progress.stage_seconds_left)
        self.assertIsNone(progress.search_seconds_left)
        self.assertIsNone(progress.best)

    def test_counts_each_evaluation(self):
        self.begin(_ONES)
        self.add(_ONES[0], 1)
        progress = self.add(_ONES[1], 1)
        self.assertEqual((progress.stage_done, progress.search_done), (2, 2))
        self.assertEqual(progress.latest.genome, _ONES[1])

    def test_counts_what_was_done_before_a_restart(self):
        progress = self.begin(_ONES, evaluations=[_evaluation(_ONES[2], 0.7)])
        self.assertEqual((progress.stage_done, progress.search_done), (1, 1))
        self.assertEqual(progress.search_total, 14)
        self.assertEqual(progress.best.score, 0.7)

    def test_a_stage_smaller_than_planned_makes_the_search_smaller(self):
        self.begin(_ONES)
        done = [_evaluation(genome) for genome in _ONES]
        progress = self.begin(_ONES, _TWOS, evaluations=done)
        self.assertEqual((progress.search_done, progress.search_total), (4, 10))

    def test_tells_how_well_the_stages_predictions_rank_its_scores(self):
        self.assertIsNone(self.begin(_ONES).prediction_quality)
        stage = dataclasses.replace(_stage(2, _TWOS[:3]), predictions=(0.2, 0.4, 0.6))
        state = SearchState(
            stages=(_stage(1, _ONES), stage),
            evaluations={_TWOS[0]: _evaluation(_TWOS[0], 0.3)},
        )
        self.assertIsNone(self.meter.begin_stage(state).prediction_quality.spearman)
        self.add(_TWOS[1], 1, score=0.7)
        quality = self.add(_TWOS[2], 1, score=0.5).prediction_quality
        # Ranks 1, 2, 3 and 1, 3, 2.
        self.assertAlmostEqual(quality.spearman, 0.5)
        self.assertAlmostEqual(quality.mean_absolute_error, (0.1 + 0.3 + 0.1) / 3)
        self.assertIsNone(
            self.meter.begin_finalists(
                dataclasses.replace(state, num_finalists=1)
            ).prediction_quality
        )

    def test_time_left_counts_blocks(self):
        self.begin(_ONES)
        self.add(_ONES[0], 3)
        progress = self.add(_ONES[1], 5)
        # 4 s for one block and what is around it. There are 2 such cells and 10 of two
        # blocks left.
        self.assertAlmostEqual(progress.stage_seconds_left, 2 * 4)
        self.assertAlmostEqual(progress.search_seconds_left, 2 * 4 + 10 * 6)

    def test_time_to_build_and_to_score_does_not_grow_with_the_training(self):
        self.begin(_ONES)
        self.seconds += 4  # Of two workers, which were at it for 6 s.
        progress = self.meter.add(
            _evaluation(
                _ONES[0], build_seconds=1.0, train_seconds=4.0, scoring_seconds=1.0
            )
        )
        self.assertAlmostEqual(progress.stage_seconds_left, 3 * 4)
        self.assertAlmostEqual(
            progress.search_seconds_left, 3 * 4 + 10 * (2 + 4 * 3 / 2) * 4 / 6
        )

    def test_time_between_stages_does_not_count(self):
        self.begin(_ONES)
        for genome in _ONES:
            self.add(genome, 4)
        self.seconds += 1000
        done = [_evaluation(genome) for genome in _ONES]
        progress = self.begin(_ONES, _TWOS, evaluations=done)
        self.assertAlmostEqual(progress.stage_seconds_left, 6 * 6)

    def test_ends_with_no_time_left(self):
        self.begin(_ONES, _TWOS, evaluations=[_evaluation(genome) for genome in _ONES])
        for genome in _TWOS:
            progress = self.add(genome, 4)
        self.assertEqual(progress.search_done, progress.search_total)
        self.assertEqual(progress.search_seconds_left, 0)

    def test_best_keeps_the_smaller_of_equals_and_no_failure(self):
        self.begin(_ONES)
        self.add(_ONES[2], 1, score=0.8)
        self.add(_ONES[1], 1, score=0.8)
        self.add(_ONES[3], 1, score=0.7)
        progress = self.add(_ONES[0], 1, score=None)
        self.assertEqual(progress.best.genome, _ONES[1])
        self.assertEqual(progress.num_failures, 1)


class ProgressOfHalvingTest(absltest.TestCase):
    """Rungs after a tenth and after the whole training, and finalists of two such."""

    def setUp(self):
        super().setUp()
        last = dataclasses.replace(DEFAULT_KEY, outer_iterations=10, rung=10)
        self.first, self.last = dataclasses.replace(last, rung=1), last
        self.finalist = dataclasses.replace(last, outer_iterations=20, rung=20)
        self.seconds = 0.0
        plan = EvaluationPlan(
            keys=(self.first, self.last),
            halving_factor=2,
            finalist_key=self.finalist,
            num_finalists=1,
        )
        self.meter = ProgressMeter(_PLAN, plan, clock=lambda: self.seconds)

    def add(self, genome, key, seconds):
        self.seconds += seconds
        return self.meter.add(_evaluation(genome, key=key))

    def test_time_left_counts_rungs_and_finalists(self):
        progress = self.meter.begin_stage(SearchState(stages=(_stage(1, _ONES),)))
        self.assertEqual((progress.stage_done, progress.stage_total), (0, 6))
        # Four, then two; later ten and five of two blocks; one finalist.
        self.assertEqual(progress.search_total, 4 + 2 + 10 + 5 + 1)
        # 10 s for a whole training of one block, 15 s for one of two.
        progress = self.add(_ONES[0], self.first, 1.0)
        self.assertEqual(progress.rung, 1)
        stage = 10 * (3 * 0.1 + 2 * 0.9)
        later = 15 * (10 * 0.1 + 5 * 0.9)
        finalist = 15 * 2
        self.assertAlmostEqual(progress.stage_seconds_left, stage)
        self.assertAlmostEqual(progress.search_seconds_left, stage + later + finalist)

    def test_what_was_done_before_a_restart_is_not_left(self):
        state = SearchState(stages=(_stage(1, _ONES),))
        for genome in _ONES:
            state = state.with_evaluation(_evaluation(genome, key=self.first))
        state = state.with_evaluation(_evaluation(_ONES[1], key=self.last))
        progress = self.meter.begin_stage(state)
        self.assertEqual((progress.stage_done, progress.stage_total), (5, 6))
        self.assertEqual(progress.search_done, 5)
        progress = self.add(_ONES[2], self.last, 9.0)
        self.assertEqual(progress.stage_seconds_left, 0)

    def test_no_estimate_exceeds_the_time_that_there_is(self):
        plan = EvaluationPlan(
            keys=(self.last,), finalist_key=self.finalist, num_finalists=1
        )
        now = lambda: self.seconds  # noqa: E731
        budget = TimeBudget(100 / 3600, 0.0, len(_PLAN), plan, now)
        self.meter = ProgressMeter(_PLAN, plan, now, budget)
        budget.begin_stage(1)
        state = SearchState(stages=(_stage(1, _ONES),))
        self.assertIsNone(self.meter.begin_stage(state).search_seconds_left)
        # Of 100 s a third is the stage's; without a limit three more take 60 s.
        self.seconds += 20
        budget.lap()
        progress = self.meter.add(_evaluation(_ONES[0], key=self.last))
        self.assertAlmostEqual(progress.stage_seconds_left, 100 / 3 - 20)
        self.assertAlmostEqual(progress.search_seconds_left, 80)
        self.seconds += 90
        budget.lap()
        self.meter.begin_finalists(dataclasses.replace(state, num_finalists=2))
        progress = self.meter.add(_evaluation(_ONES[1], key=self.finalist))
        self.assertEqual(progress.stage_seconds_left, 0)
        self.assertEqual(progress.search_seconds_left, 0)

    def test_finalists_have_a_stage_without_number(self):
        state = SearchState(stages=(_stage(1, _ONES),))
        for genome in _ONES:
            state = state.with_evaluation(_evaluation(genome, key=self.first))
        progress = self.meter.begin_finalists(
            dataclasses.replace(state, num_finalists=1)
        )
        self.assertIsNone(progress.stage)
        self.assertEqual((progress.stage_done, progress.stage_total), (0, 1))
        self.assertIn("finalists, candidate 0/1 begins", str(progress))
        progress = self.add(_ONES[2], self.finalist, 20.0)
        self.assertEqual(progress.search_done, progress.search_total)
        self.assertEqual(progress.search_seconds_left, 0)


if __name__ == "__main__":
    absltest.main()
