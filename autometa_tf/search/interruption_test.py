"""A search that is interrupted ends as one that is not."""

import dataclasses
import multiprocessing
import random

from absl.testing import absltest, parameterized

from autometa_tf.search.evaluation_plan import EvaluationPlan, plan_without_rungs
from autometa_tf.search.store import open_store_to_read
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY, FakeEvaluator, hash_score
from autometa_tf.testing.tiny_search import STAGE_SIZES, TinySearch, fail_some, search

_NUM_CANDIDATES = sum(STAGE_SIZES)

_LAST = dataclasses.replace(DEFAULT_KEY, outer_iterations=9, rung=9)
_NOT_HALVED = plan_without_rungs(DEFAULT_KEY)
_HALVED = EvaluationPlan(
    keys=(dataclasses.replace(_LAST, rung=3), _LAST),
    halving_factor=3,
    finalist_key=dataclasses.replace(_LAST, outer_iterations=20, rung=20),
    num_finalists=3,
)


class InterruptedSearchTest(parameterized.TestCase):
    def search(self, evaluator=None, strategy=None, run_dir=None, **kwargs):
        """Runs a search in `run_dir`, or where nobody has searched before."""
        return search(run_dir or self.new_run_dir(), evaluator, strategy, **kwargs)

    def new_run_dir(self):
        return self.create_tempdir().full_path

    @parameterized.parameters(1, 19, 20, 21, 29)
    def test_ctrl_c_keeps_what_was_finished(self, num_evaluations):
        def interrupt(progress):
            if progress.latest and progress.search_done == num_evaluations:
                raise KeyboardInterrupt

        run_dir = self.new_run_dir()
        with self.assertRaises(KeyboardInterrupt):
            self.search(run_dir=run_dir, report=interrupt)
        evaluator = FakeEvaluator()
        state = self.search(evaluator, run_dir=run_dir)
        self.assertLen(evaluator.evaluated, _NUM_CANDIDATES - num_evaluations)
        self.assertEqual(state, self.search())

    def test_a_stage_once_begun_is_never_chosen_again(self):
        def interrupt(progress):
            if progress.stage == 2:
                raise KeyboardInterrupt

        run_dir = self.new_run_dir()
        with self.assertRaises(KeyboardInterrupt):
            self.search(run_dir=run_dir, report=interrupt)
        # A predictor that has changed its mind since.
        strategy = TinySearch(predict=lambda genome: hash_score(genome, 3))
        state = self.search(strategy=strategy, run_dir=run_dir)
        self.assertEqual(state.stages[:2], self.search().stages[:2])

    @parameterized.named_parameters(("halved", _HALVED), ("not_halved", _NOT_HALVED))
    def test_killed_at_any_moment_it_ends_the_same(self, plan):
        run_dir = self.new_run_dir()
        context = multiprocessing.get_context("fork")
        generator = random.Random(0)
        num_kills = 0
        exit_code = None
        while exit_code != 0:
            evaluator = FakeEvaluator(
                failure=fail_some, shuffle_seed=num_kills, delay_seconds=0.001
            )
            process = context.Process(
                target=search, args=(run_dir, evaluator), kwargs={"plan": plan}
            )
            process.start()
            # Ever longer, so that it ends at last.
            process.join(generator.uniform(0, 0.02 + 0.005 * num_kills))
            process.kill()
            process.join()
            exit_code = process.exitcode
            num_kills += exit_code != 0
            self.assertIn(exit_code, (0, -9))
        self.assertGreater(num_kills, 5)
        with open_store_to_read(run_dir) as store:
            state = store.read_state(plan)
            self.assertLen(state.evaluations, _NUM_CANDIDATES)
        expected = self.search(FakeEvaluator(failure=fail_some), plan=plan)
        self.assertEqual(state, expected)


if __name__ == "__main__":
    absltest.main()
