import functools
import os
import pathlib
import secrets
import signal
import time
from unittest import mock

import numpy as np
import psutil
from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.testing.fake_evaluator import hash_score, requests
from autometa_tf.workers import ray_cluster
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_evaluator import RayEvaluator, WorkerError
from autometa_tf.workers.workers_config import WorkersConfig

_GENOMES = one_block_genomes()
_IMAGES = np.arange(1_000_000, dtype=np.uint8)
_KEY = EvaluationKey(seed=3, outer_iterations=5, rung=5, num_episodes=2)
_requests = functools.partial(requests, key=_KEY)


def setUpModule():
    # Ray reads its token once in a process: both clusters here have the same.
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _evaluation(genome, **fields):
    fields = {"score": hash_score(genome, seed=3)} | fields
    return Evaluation(genome=genome, key=_KEY, **fields)


def _evaluate(request, images=None):
    """What the other functions here do when nothing goes wrong."""
    return _evaluation(request.genome)


def _evaluate_by_fate(request, images, folder):
    """Each of the first genomes meets another fate; `folder` outlives the workers."""
    fate = _GENOMES.index(request.genome)
    first_time = folder / str(fate)
    if fate == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if fate == 1 and not first_time.exists():
        first_time.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if fate == 2:
        time.sleep(600)
    if fate == 3:
        return _evaluation(request.genome, score=None, failure="diverged")
    if fate == 4:
        threads = int(os.environ["OMP_NUM_THREADS"])
        return _evaluation(request.genome, num_parameters=threads)
    if fate == 5:
        # A view of shared memory is read-only; a copy of one's own would not be.
        return _evaluation(request.genome, num_parameters=int(images.flags.writeable))
    return _evaluation(request.genome)


def _evaluate_with_process_id(request):
    return _evaluation(request.genome, num_parameters=os.getpid())


def _evaluate_one_for_ever(request, folder):
    """Never ends with the second genome; leaves the name of its process."""
    if request.genome == _GENOMES[1]:
        (folder / str(os.getpid())).touch()
        time.sleep(600)
    return _evaluation(request.genome)


def _evaluate_slowly(request):
    time.sleep(0.5)
    return _evaluation(request.genome)


def _crash(request):
    raise ZeroDivisionError("a bug of ours")


def _evaluator(evaluate, candidates_per_worker=20, **fields):
    return RayEvaluator(
        evaluate,
        config=WorkersConfig(**{"num_workers": 2} | fields),
        candidates_per_worker=candidates_per_worker,
    )


def _run(evaluate, genomes=_GENOMES[:8], **fields):
    evaluator = _evaluator(evaluate, **fields)
    try:
        return {each.genome: each for each in evaluator.evaluate(_requests(genomes))}
    finally:
        evaluator.close()


def _wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


class ArgumentsTest(parameterized.TestCase):
    @parameterized.parameters(
        {"num_workers": 0}, {"num_queued": 0}, {"candidates_per_worker": -1}
    )
    def test_refuses_what_means_nothing(self, num_workers=1, **numbers):
        config = WorkersConfig(num_workers=num_workers)
        with self.assertRaisesRegex(ValueError, "must be at least .* Received: "):
            RayEvaluator(_evaluate, config=config, **numbers)


class FatesTest(absltest.TestCase):
    """One run in which candidates and workers meet every fate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(absltest.get_default_test_tmpdir(), "fates")
        folder.mkdir()
        cls.evaluations = _run(
            functools.partial(_evaluate_by_fate, images=_IMAGES, folder=folder),
            candidate_timeout_minutes=0.05,
            max_retries_per_candidate=1,
        )

    def test_a_candidate_whose_worker_always_dies_becomes_a_failure(self):
        evaluation = self.evaluations[_GENOMES[0]]
        self.assertEqual(
            evaluation,
            _evaluation(
                _GENOMES[0],
                score=None,
                num_retries=1,
                failure="its worker process died (2 attempts)",
            ),
        )

    def test_a_candidate_whose_worker_died_once_is_evaluated_again(self):
        self.assertEqual(
            self.evaluations[_GENOMES[1]], _evaluation(_GENOMES[1], num_retries=1)
        )

    def test_a_straggler_becomes_a_failure(self):
        evaluation = self.evaluations[_GENOMES[2]]
        self.assertEqual(
            evaluation.failure, "it took longer than 0.05 minutes (2 attempts)"
        )

    def test_a_candidates_own_failure_is_not_retried(self):
        self.assertEqual(
            self.evaluations[_GENOMES[3]],
            _evaluation(_GENOMES[3], score=None, failure="diverged"),
        )

    def test_a_worker_has_one_thread(self):
        self.assertEqual(self.evaluations[_GENOMES[4]].num_parameters, 1)

    def test_workers_share_arrays_without_a_copy(self):
        self.assertEqual(self.evaluations[_GENOMES[5]].num_parameters, 0)

    def test_the_others_notice_nothing(self):
        for genome in _GENOMES[6:8]:
            self.assertEqual(self.evaluations[genome], _evaluation(genome))


class LocalClusterTest(parameterized.TestCase):
    @parameterized.parameters(1, 2, 4)
    def test_gives_the_same_with_any_number_of_workers(self, num_workers):
        evaluations = _run(
            _evaluate,
            genomes=_GENOMES,
            num_workers=num_workers,
            candidates_per_worker=0,
        )
        expected = LocalEvaluator(_evaluate).evaluate(_requests(_GENOMES))
        self.assertEqual(evaluations, {each.genome: each for each in expected})

    def test_listens_on_loopback_only(self):
        evaluator = _evaluator(_evaluate)
        self.addCleanup(evaluator.close)
        list(evaluator.evaluate(_requests(_GENOMES[:1])))
        addresses = {
            connection.laddr.ip
            for process in psutil.Process().children(recursive=True)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        self.assertNotEmpty(addresses)
        self.assertContainsSubset(addresses, {"127.0.0.1", "::1", "::ffff:127.0.0.1"})

    def test_an_address_where_nothing_listens_is_refused(self):
        with self.assertRaisesRegex(ConnectionError, "where a cluster's head listens"):
            _run(_evaluate, num_workers=None, ray_address="127.0.0.1:1")

    def test_more_than_the_machine_has_is_refused(self):
        with self.assertRaisesRegex(ValueError, "must fit .* 1.0 CPUs and 99 GPUs"):
            _run(_evaluate, gpus_per_candidate=99)


class JoinedClusterTest(absltest.TestCase):
    """On a cluster of three machines that is there already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # loopback, see there
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False}
        cls.cluster = Cluster(initialize_head=True, head_node_args=head)
        cls.addClassCleanup(cls.cluster.shutdown)
        for _ in range(2):
            cls.cluster.add_node(num_cpus=1)

    def evaluator(self, evaluate, **fields):
        fields |= {"num_workers": None, "ray_address": self.cluster.address}
        evaluator = _evaluator(evaluate, **fields)
        self.addCleanup(evaluator.close)
        return evaluator

    def test_a_machine_that_is_lost_half_way_changes_nothing(self):
        machine = self.cluster.add_node(num_cpus=1)
        evaluations = []
        for evaluation in self.evaluator(_evaluate_slowly).evaluate(
            _requests(_GENOMES[:9])
        ):
            evaluations.append(evaluation)
            if len(evaluations) == 4:
                self.cluster.remove_node(machine, allow_graceful=False)
        self.assertEqual(
            {each.genome: each.score for each in evaluations},
            {genome: _evaluation(genome).score for genome in _GENOMES[:9]},
        )

    def test_a_worker_with_other_software_is_refused(self):
        versions = {"keras": "2.0"}
        with (
            mock.patch.object(ray_cluster, "software_versions", lambda: versions),
            self.assertRaisesRegex(
                WorkerError, r"Differing: keras \(2.0 in the search, 3"
            ),
        ):
            list(self.evaluator(_evaluate).evaluate(_requests(_GENOMES[:8])))

    def test_a_bug_ends_the_evaluation_with_its_cause(self):
        with self.assertRaisesRegex(
            WorkerError, "^Evaluating .* raised ZeroDivisionError: a bug of ours$"
        ):
            list(self.evaluator(_crash).evaluate(_requests(_GENOMES[:8])))

    def test_renews_its_workers(self):
        evaluator = self.evaluator(_evaluate_with_process_id, candidates_per_worker=2)
        processes = {
            each.num_parameters for each in evaluator.evaluate(_requests(_GENOMES[:8]))
        }
        self.assertGreaterEqual(len(processes), 4)

    def test_lost_data_is_stored_again(self):
        import ray

        evaluate = functools.partial(_evaluate, images=_IMAGES)
        evaluator = self.evaluator(evaluate)
        losses = iter([ray.exceptions.ObjectLostError("0" * 56, None, "")])
        get = ray.get

        def lose_once(reference):
            for loss in losses:
                raise loss
            return get(reference)

        with (
            mock.patch.object(ray, "get", lose_once),
            mock.patch.object(ray, "put", wraps=ray.put) as put,
        ):
            evaluations = list(evaluator.evaluate(_requests(_GENOMES[:4])))
        self.assertEqual(sum(each.num_retries for each in evaluations), 1)
        self.assertIs(put.mock_calls[-1].args[0], evaluate)

    def test_leaving_early_kills_the_candidates_that_run(self):
        folder = pathlib.Path(self.create_tempdir().full_path)
        evaluate = functools.partial(_evaluate_one_for_ever, folder=folder)
        evaluator = self.evaluator(evaluate)
        evaluations = evaluator.evaluate(_requests(_GENOMES[:2]))
        next(evaluations)
        _wait_until(lambda: list(folder.iterdir()))
        evaluations.close()
        (process,) = folder.iterdir()
        _wait_until(lambda: not pathlib.Path("/proc", process.name).exists())


if __name__ == "__main__":
    absltest.main()
