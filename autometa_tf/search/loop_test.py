import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.loop import TooManyFailuresError
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.strategy import SearchFailedError
from autometa_tf.testing.fake_evaluator import FakeEvaluator, hash_score
from autometa_tf.testing.fake_predictor import FakePredictor
from autometa_tf.testing.tiny_search import (
    FIRST_GENOMES,
    STAGE_SIZES,
    TinySearch,
    fail_some,
    search,
)

_NUM_CANDIDATES = sum(STAGE_SIZES)


class SearchTestCase(parameterized.TestCase):
    def search(self, evaluator=None, strategy=None, run_dir=None, **kwargs):
        """Runs a search in `run_dir`, or where nobody has searched before."""
        return search(run_dir or self.new_run_dir(), evaluator, strategy, **kwargs)

    def new_run_dir(self):
        return self.create_tempdir().full_path


class RunSearchTest(SearchTestCase):
    def test_trains_every_candidate_once(self):
        evaluator = FakeEvaluator()
        state = self.search(evaluator)
        self.assertLen(evaluator.evaluated, _NUM_CANDIDATES)
        self.assertCountEqual(evaluator.evaluated, state.evaluations)
        sizes = tuple(len(stage.genomes) for stage in state.stages)
        self.assertEqual(sizes, STAGE_SIZES)

    def test_finds_the_best_of_all_stages(self):
        # The fewer blocks, the better.
        evaluator = FakeEvaluator(
            score=lambda genome, seed: hash_score(genome, seed) / genome.num_blocks**9
        )
        best = max(FIRST_GENOMES, key=lambda genome: hash_score(genome, 0))
        self.assertEqual(self.search(evaluator).best.genome, best)

    @parameterized.parameters(1, 2, 3)
    def test_order_of_completion_does_not_matter(self, shuffle_seed):
        expected = self.search(FakeEvaluator(failure=fail_some))
        evaluator = FakeEvaluator(failure=fail_some, shuffle_seed=shuffle_seed)
        self.assertEqual(self.search(evaluator), expected)

    @parameterized.parameters(1, 2)
    def test_with_pnas(self, max_num_blocks):
        strategy = PnasSearch(
            SearchConfig(max_num_blocks=max_num_blocks, beam_size=3),
            FakePredictor(lambda genome: hash_score(genome, 1)),
        )
        state = self.search(strategy=strategy)
        self.assertLen(state.evaluations, 55 + 3 * (max_num_blocks - 1))

    def test_at_random(self):
        strategy = RandomSearch(SearchConfig(max_num_blocks=3, beam_size=5), seed=0)
        self.assertLen(self.search(strategy=strategy).evaluations, 55 + 5 + 5)

    def test_a_finished_search_gives_its_answer_again(self):
        run_dir = self.new_run_dir()
        expected = self.search(run_dir=run_dir)
        evaluator = FakeEvaluator()
        self.assertEqual(self.search(evaluator, run_dir=run_dir), expected)
        self.assertEmpty(evaluator.evaluated)

    def test_failures_are_recorded_and_the_search_goes_on(self):
        state = self.search(FakeEvaluator(failure=fail_some))
        failures = {
            genome for genome, found in state.evaluations.items() if not found.succeeded
        }
        self.assertNotEmpty(failures)
        self.assertEqual(
            failures, {genome for genome in state.evaluations if fail_some(genome)}
        )

    def test_reports_progress(self):
        reports = []
        self.search(report=reports.append)
        self.assertLen(reports, _NUM_CANDIDATES + 3)
        done = [progress.search_done for progress in reports if progress.latest]
        self.assertEqual(done, list(range(1, _NUM_CANDIDATES + 1)))
        self.assertEqual(reports[-1].search_total, _NUM_CANDIDATES)
        running = [progress.num_running for progress in reports]
        # One worker; between the last of a stage and the next stage it has nothing.
        self.assertEqual(set(running[:-1]), {0, 1})
        self.assertEqual((running[0], running[-1]), (1, 0))

    def test_fails_when_nothing_is_suggested(self):
        with self.assertRaisesRegex(SearchFailedError, "suggested no candidates"):
            self.search(strategy=TinySearch(num_stages=0))


_LAST = EvaluationKey(seed=0, outer_iterations=9, rung=9, num_episodes=2)
_HALVING = EvaluationPlan(
    keys=tuple(dataclasses.replace(_LAST, rung=rung) for rung in (1, 3, 9)),
    halving_factor=3,
    finalist_key=dataclasses.replace(_LAST, outer_iterations=20, rung=20),
    num_finalists=3,
)
# Of 20 candidates 7 and then 3 go on; of 5 two and then one.
_NUM_HALVED = (20 + 7 + 3) + (5 + 2 + 1) + (5 + 2 + 1) + 3


class NoisyEvaluator(FakeEvaluator):
    """Another score at every rung, and for finalists."""

    def evaluation(self, request):
        found = super().evaluation(request)
        key = request.key
        score = hash_score(request.genome, 100 * key.outer_iterations + key.rung)
        return dataclasses.replace(found, score=score if found.succeeded else None)


class HalvingSearchTest(SearchTestCase):
    def halved(self, evaluator=None, **kwargs):
        return self.search(evaluator or NoisyEvaluator(), plan=_HALVING, **kwargs)

    def test_few_are_trained_to_the_end(self):
        evaluator = NoisyEvaluator()
        state = self.halved(evaluator)
        self.assertLen(evaluator.requests, _NUM_HALVED)
        rungs = [found.key.rung for found in state.evaluations.values()]
        self.assertEqual(
            {rung: rungs.count(rung) for rung in rungs}, {1: 19, 3: 6, 9: 5}
        )

    def test_candidates_go_on_with_their_learners(self):
        evaluator = NoisyEvaluator()
        self.halved(evaluator)
        learners = {1: b"", 3: b"1", 9: b"3", 20: b""}
        for request in evaluator.requests:
            self.assertEqual(request.learner, learners[request.key.rung])

    def test_finalists_choose_the_winner(self):
        state = self.halved()
        self.assertLen(state.finalists, 3)
        self.assertCountEqual(
            state.finalists, [found.genome for found in state.ranking[:3]]
        )
        best = max(state.finalists.values(), key=lambda found: found.score)
        self.assertEqual(state.best, best)

    def test_the_best_candidate_wins_where_all_finalists_fail(self):
        class Diverging(NoisyEvaluator):
            def evaluation(self, request):
                found = super().evaluation(request)
                if request.key != _HALVING.finalist_key:
                    return found
                return dataclasses.replace(found, score=None, failure="NaN")

        state = self.halved(Diverging())
        self.assertEqual(state.best, state.ranking[0])

    @parameterized.parameters(1, 2, 3)
    def test_order_of_completion_does_not_matter(self, shuffle_seed):
        expected = self.halved(NoisyEvaluator(failure=fail_some))
        evaluator = NoisyEvaluator(failure=fail_some, shuffle_seed=shuffle_seed)
        self.assertEqual(self.halved(evaluator), expected)

    def test_kills_change_nothing_and_lose_nothing(self):
        class Killed(NoisyEvaluator):
            def evaluation(self, request):
                if len(self.requests) > 1:
                    raise KeyboardInterrupt
                return super().evaluation(request)

        expected, run_dir = self.halved(), self.new_run_dir()
        for _ in range(_NUM_HALVED - 1):
            with self.assertRaises(KeyboardInterrupt):
                self.halved(Killed(), run_dir=run_dir)
        last = NoisyEvaluator()
        self.assertEqual(self.halved(last, run_dir=run_dir), expected)
        self.assertLen(last.requests, 1)

    def test_reports_progress(self):
        reports = []
        self.halved(report=reports.append)
        done = [progress.search_done for progress in reports if progress.latest]
        self.assertEqual(done, list(range(1, _NUM_HALVED + 1)))
        self.assertEqual({each.search_total for each in reports}, {_NUM_HALVED})
        self.assertEqual(reports[-1].search_seconds_left, 0)
        self.assertIn("finalists, candidate 3/3: ", str(reports[-1]))
        self.assertIn("candidate 1/30 at 1: ", str(reports[1]))


class BrokenSearchTest(SearchTestCase):
    def search_and_fail(self, error, message, failure, **kwargs):
        """Checks that the run fails, and that it can go on after repair."""
        run_dir = self.new_run_dir()
        with self.assertRaisesRegex(error, message):
            self.search(FakeEvaluator(failure=failure), run_dir=run_dir, **kwargs)
        evaluator = FakeEvaluator()
        state = self.search(evaluator, run_dir=run_dir, **kwargs)
        self.assertEqual(state, self.search(**kwargs))
        return evaluator

    def test_stops_after_too_many_failures_in_a_row(self):
        last = FIRST_GENOMES[12:]
        evaluator = self.search_and_fail(
            TooManyFailuresError,
            "7 candidates .* reason: no GPU",
            lambda genome: "no GPU" if genome in last else "",
            max_consecutive_failures=7,
        )
        # What succeeded before is not done again.
        self.assertLen(evaluator.evaluated, _NUM_CANDIDATES - 12)

    def test_a_success_in_between_counts_anew(self):
        good = FIRST_GENOMES[::7]
        evaluator = FakeEvaluator(
            failure=lambda genome: (
                "" if genome in good or genome.num_blocks > 1 else "NaN"
            )
        )
        state = self.search(evaluator, max_consecutive_failures=7)
        self.assertLen(state.successes, len(good) + 10)

    def test_fails_when_a_whole_stage_fails(self):
        self.search_and_fail(
            SearchFailedError,
            "All 5 candidates of stage 2 have failed. .* reason: no GPU",
            lambda genome: "no GPU" if genome.num_blocks == 2 else "",
        )

    def test_fails_when_everything_fails_at_the_end(self):
        self.search_and_fail(
            SearchFailedError,
            "All 20 candidates of stage 1",
            lambda genome: "no GPU",
            strategy=TinySearch(num_stages=1),
            max_consecutive_failures=99,
        )

    def test_a_last_stage_that_fails_leaves_the_best_before(self):
        state = self.search(
            FakeEvaluator(failure=lambda genome: "NaN" * (genome.num_blocks == 3))
        )
        self.assertLess(state.best.genome.num_blocks, 3)

    def test_an_evaluators_crash_keeps_what_was_finished(self):
        def crash(genome, seed):
            if genome == FIRST_GENOMES[15]:
                raise OSError("cluster is gone")
            return hash_score(genome, seed)

        run_dir = self.new_run_dir()
        with self.assertRaisesRegex(OSError, "cluster is gone"):
            self.search(FakeEvaluator(score=crash), run_dir=run_dir)
        evaluator = FakeEvaluator()
        self.search(evaluator, run_dir=run_dir)
        self.assertLen(evaluator.evaluated, _NUM_CANDIDATES - 15)

    @parameterized.parameters(
        {"seed": 1}, {"outer_iterations": 2, "rung": 2}, {"num_episodes": 3}
    )
    def test_refuses_evaluations_of_another_key(self, **fields):
        class Deaf(FakeEvaluator):
            def evaluation(self, request):
                found = super().evaluation(request)
                key = dataclasses.replace(found.key, **fields)
                return dataclasses.replace(found, key=key)

        with self.assertRaisesRegex(RuntimeError, "evaluations it was asked for"):
            self.search(Deaf())

    def test_refuses_evaluators_that_leave_some_out(self):
        class Lazy(FakeEvaluator):
            def evaluate(self, waiting):
                waiting.popleft()
                return super().evaluate(waiting)

        with self.assertRaisesRegex(RuntimeError, "Not received: 1 of 20"):
            self.search(Lazy())

    def test_refuses_evaluators_that_repeat_themselves(self):
        class Eager(FakeEvaluator):
            def evaluate(self, waiting):
                waiting.append(waiting[0])
                return super().evaluate(waiting)

        with self.assertRaisesRegex(RuntimeError, "each once"):
            self.search(Eager())


if __name__ == "__main__":
    absltest.main()
