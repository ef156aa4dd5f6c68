import dataclasses

from absl.testing import absltest

from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.store import open_store
from autometa_tf.search.worker_time import FINALISTS, WorkerTime
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY, FakeEvaluator
from autometa_tf.testing.tiny_search import STAGE_SIZES, search

_LAST = dataclasses.replace(DEFAULT_KEY, outer_iterations=9, rung=9)
_PLAN = EvaluationPlan(
    keys=(dataclasses.replace(_LAST, rung=3), _LAST),
    halving_factor=5,
    finalist_key=dataclasses.replace(_LAST, outer_iterations=20, rung=20),
    num_finalists=2,
)


class _TwoWorkers(FakeEvaluator):
    """An answer a second; the workers were busy with it for a second and a half."""

    num_workers = 2

    def __init__(self, until=None):
        super().__init__()
        self.seconds, self._until = 0.0, until

    def evaluation(self, request):
        if len(self.requests) == self._until:
            raise KeyboardInterrupt
        self.seconds += 1.0
        found = super().evaluation(request)
        return dataclasses.replace(found, train_seconds=1.25, scoring_seconds=0.25)


class WorkerTimeTest(absltest.TestCase):
    def search(self, run_dir, **kwargs):
        evaluator = _TwoWorkers(**kwargs)
        search(run_dir, evaluator, plan=_PLAN, clock=lambda: evaluator.seconds)

    def test_idle_time_is_what_workers_had_and_did_not_need(self):
        run_dir = self.create_tempdir().full_path
        with self.assertRaises(KeyboardInterrupt):
            self.search(run_dir, until=7)
        self.search(run_dir)
        with open_store(run_dir) as store:
            times = store.read_worker_times()
        counts = {1: 20 + 4, 2: 5 + 1, 3: 5 + 1, FINALISTS: 2}
        self.assertEqual(STAGE_SIZES, (20, 5, 5))
        self.assertEqual(
            times,
            [
                WorkerTime(
                    stage=stage,
                    wall_seconds=count,
                    worker_seconds=2 * count,
                    busy_seconds=1.5 * count,
                )
                for stage, count in counts.items()
            ],
        )
        self.assertEqual({time.idle_share for time in times}, {0.25})

    def test_times_of_a_store_without_any(self):
        run_dir = self.create_tempdir().full_path
        with open_store(run_dir) as store:
            self.assertEqual(store.read_worker_times(), [])

    def test_workers_that_were_never_there_were_not_idle(self):
        time = WorkerTime(stage=1, wall_seconds=0, worker_seconds=0, busy_seconds=0)
        self.assertEqual(time.idle_share, 0)


if __name__ == "__main__":
    absltest.main()
