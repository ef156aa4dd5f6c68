"""Candidates evaluated by worker processes that Ray runs, here or on a cluster."""

import collections
import dataclasses
import math
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence

from absl import logging

from autometa_tf.evaluators.evaluation import Evaluation
from autometa_tf.evaluators.ray_config import RayEvaluatorConfig
from autometa_tf.evaluators.versions import check_versions, software_versions
from autometa_tf.genomes.genome import Genome

# How often to look for stragglers, and for machines that came or went.
_POLL_SECONDS = 1.0
_NODES_SECONDS = 10.0

# Losses that are not the candidate's fault, by the name of Ray's exception.
_LOSSES = {
    "OutOfMemoryError": "its worker ran out of memory",
    "WorkerCrashedError": "its worker process died",
    "NodeDiedError": "its machine was lost",
    "ObjectLostError": "its data was lost",
}


class WorkerError(RuntimeError):
    """An evaluation raised what is no candidate's own failure."""


@dataclasses.dataclass
class _Candidate:
    """A genome on its way; `deadline` is on the monotonic clock, once it runs."""

    genome: Genome
    num_retries: int = 0
    deadline: float = math.inf


class RayEvaluator:
    """Calls `evaluate(genome, *shared)` in Ray's workers, on many candidates at once.

    What a candidate gets does not depend on the number of workers, on their order, or
    on what died on the way. Its own failure comes back as an evaluation; so does the
    loss of its worker, when that keeps happening.
    """

    def __init__(
        self,
        evaluate: Callable[..., Evaluation],
        shared: Sequence[object] = (),
        *,
        seed: int,
        outer_iterations: int,
        config: RayEvaluatorConfig,
    ):
        """Keeps what to call. The first evaluation starts Ray, or joins its cluster.

        Args:
          evaluate: a function that can be pickled.
          shared: what to pass it after the genome, such as class images. A machine
            stores it once, and its workers read numpy arrays in it without a copy.
          seed: what `evaluate` uses, for the records of evaluations that never ended.
          outer_iterations: likewise.
          config: where to evaluate, with what, and when to give up.
        """
        self._evaluate = evaluate
        self._shared = tuple(shared)
        self._seed = seed
        self._outer_iterations = outer_iterations
        self._config = config
        self._ray = None
        self._task = None
        self._stored = ()
        self._num_slots = 0
        self._slots_expire = 0.0

    def evaluate(self, genomes: Sequence[Genome]) -> Iterator[Evaluation]:
        """Yields every genome's evaluation once, as it completes, in any order.

        Raises:
          WorkerError: when `evaluate` raises, or a worker's software differs.
        """
        self._start()
        waiting = collections.deque(_Candidate(genome) for genome in genomes)
        running = {}
        try:
            while waiting or running:
                limit = self._count_slots() + self._config.num_queued
                while waiting and len(running) < limit:
                    candidate = waiting.popleft()
                    candidate.deadline = math.inf
                    task = self._task.remote(candidate.genome, *self._share())
                    running[task] = candidate
                for task, outcome in self._news(running):
                    candidate = running.pop(task)
                    if isinstance(outcome, Evaluation):
                        yield outcome
                    elif candidate.num_retries < self._config.max_retries_per_candidate:
                        logging.warning("%s: %s; retrying.", candidate.genome, outcome)
                        candidate.num_retries += 1
                        waiting.append(candidate)
                    else:
                        yield self._failure(candidate, outcome)
        finally:
            self._cancel(running)

    def close(self) -> None:
        """Stops the local cluster, or leaves the one that was joined."""
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None

    def _start(self):
        if self._ray is not None:
            return
        self._ray = _connect(self._config)
        self._task = self._ray.remote(
            num_cpus=self._config.cpus_per_candidate,
            num_gpus=self._config.gpus_per_candidate,
            max_calls=self._config.candidates_per_worker,
            # Retries are counted here: Ray's own would retry out-of-memory for ever.
            max_retries=0,
        )(_evaluate_in_worker)
        if not self._count_slots():
            message = (
                "A candidate must fit one machine. Received: "
                f"{self._config.cpus_per_candidate} CPUs and "
                f"{self._config.gpus_per_candidate} GPUs for each."
            )
            if not self._config.ray_address:
                raise ValueError(message)
            logging.warning("%s Waiting for a machine that is larger.", message)

    def _share(self) -> tuple:
        """Puts what all candidates need into the object store, unless it is there."""
        if not self._stored:
            # On this machine alone, all processes have the same.
            versions = software_versions() if self._config.ray_address else {}
            arguments = (versions, self._evaluate, *self._shared)
            self._stored = tuple(self._ray.put(argument) for argument in arguments)
        return self._stored

    def _count_slots(self) -> int:
        """How many candidates the living machines can run at once."""
        if time.monotonic() > self._slots_expire:
            nodes = [node for node in self._ray.nodes() if node["Alive"]]
            self._num_slots = sum(
                _num_fits(node["Resources"], self._config) for node in nodes
            )
            self._slots_expire = time.monotonic() + _NODES_SECONDS
        return self._num_slots

    def _news(self, running) -> Iterator[tuple]:
        """Waits a moment; yields tasks that ended, with their evaluation or its lack.

        What has ended by the time it is asked about is never taken for a straggler.
        """
        tasks = list(running)
        ready, _ = self._ray.wait(tasks, num_returns=1, timeout=_POLL_SECONDS)
        if ready:
            ready, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=0)
        now = time.monotonic()
        late = {task for task in tasks if running[task].deadline < now}
        for task in ready:
            outcome = self._outcome(task, running[task])
            if outcome is not None:
                yield task, outcome
        for task in late.difference(ready):
            self._cancel([task])
            minutes = self._config.candidate_timeout_minutes
            yield task, f"it took longer than {minutes:g} minutes"

    def _outcome(self, task, candidate) -> Evaluation | str | None:
        """An evaluation, or why there is none, or None when it has just begun."""
        try:
            evaluation = self._ray.get(next(task))
        except self._ray.exceptions.RayError as error:
            return self._describe_loss(error, candidate)
        if evaluation is not None:
            return dataclasses.replace(evaluation, num_retries=candidate.num_retries)
        if self._config.candidate_timeout_minutes:
            seconds = 60 * self._config.candidate_timeout_minutes
            candidate.deadline = time.monotonic() + seconds
        return None

    def _describe_loss(self, error, candidate) -> str:
        for name, reason in _LOSSES.items():
            if isinstance(error, getattr(self._ray.exceptions, name)):
                if name == "ObjectLostError":
                    self._stored = ()
                return reason
        cause = getattr(error, "cause", error)
        raise WorkerError(
            f"Evaluating {candidate.genome} raised {type(cause).__name__}: {cause}"
        ) from error

    def _failure(self, candidate, reason: str) -> Evaluation:
        return Evaluation(
            genome=candidate.genome,
            seed=self._seed,
            outer_iterations=self._outer_iterations,
            score=None,
            num_retries=candidate.num_retries,
            failure=f"{reason} ({candidate.num_retries + 1} attempts)",
        )

    def _cancel(self, tasks):
        """Kills the workers of the given tasks."""
        for task in tasks if self._ray is not None else ():
            self._ray.cancel(task, force=True)


def _evaluate_in_worker(genome, versions, evaluate, *shared):
    """Yields None once the worker has begun, then the evaluation."""
    check_versions(versions)
    yield None
    yield evaluate(genome, *shared)


def _connect(config: RayEvaluatorConfig):
    """Starts or joins a cluster and returns the module `ray`.

    Ray is imported here, since it reads its environment variables then.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if config.ray_address:
        _check_reachable(config.ray_address)
        where = {"address": config.ray_address}
    else:
        # Ray's way to keep every socket of every process on the loopback device; it
        # no longer heeds `_node_ip_address="127.0.0.1"`.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        where = {"address": "local", "include_dashboard": False}
        cores = len(os.sched_getaffinity(0))
        if config.num_workers:
            # Ray wants a whole number, of the type int.
            where["num_cpus"] = math.ceil(
                config.num_workers * config.cpus_per_candidate
            )
        elif cores < os.cpu_count():
            # Ray heeds a container's quota, and not the cores a process is bound to.
            where["num_cpus"] = cores
    import ray

    threads = {  # As `use_devices` does.
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": str(max(1, int(config.cpus_per_candidate))),
    }
    ray.init(
        **where,
        logging_level="error",
        log_to_driver=False,
        runtime_env={"env_vars": threads},
    )
    return ray


def _check_reachable(address: str):
    """Raises ConnectionError where Ray itself would wait for ever."""
    if address != "auto":
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError as error:
            raise ConnectionError(
                "`ray_address` must be where a cluster's head listens. "
                f"Received: {address!r} ({error})."
            ) from error


def _num_fits(resources: dict[str, float], config: RayEvaluatorConfig) -> int:
    """How many candidates fit into the `resources` of one machine."""
    needs = {"CPU": config.cpus_per_candidate, "GPU": config.gpus_per_candidate}
    shares = [resources.get(name, 0) / need for name, need in needs.items() if need]
    return int(min(shares) + 1e-9)  # 0.3 / 0.1 is a little less than 3
