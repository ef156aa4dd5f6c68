"""Candidates evaluated by worker processes that Ray runs, here or on a cluster."""

import collections
import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from absl import logging

from autometa_tf.candidates.evaluation import Evaluation, EvaluationRequest
from autometa_tf.workers.ray_cluster import (
    check_is_for_ray,
    count_slots,
    join_cluster,
    leave_cluster,
    versions_to_check,
    worker_options,
)
from autometa_tf.workers.versions import check_versions
from autometa_tf.workers.workers_config import WorkersConfig

# How often to look for stragglers, and for machines that came or went.
_POLL_SECONDS = 1.0
_NODES_SECONDS = 10.0

# Why an evaluation was lost without raising, by the name of Ray's exception.
_LOSSES = {
    "OutOfMemoryError": "its worker ran out of memory",
    "WorkerCrashedError": "its worker process died",
    "NodeDiedError": "its machine was lost",
    "ObjectLostError": "its data was lost",
}


# Ray's generator of a task's results, whose type it keeps to itself.
_Task = Any


class WorkerError(RuntimeError):
    """An evaluation raised what is no candidate's own failure."""


@dataclasses.dataclass
class _Candidate:
    """A candidate on its way to its evaluation.

    Attributes:
      request: What to evaluate.
      num_retries: The number of evaluations that were lost.
      deadline: When to give the evaluation up, by the monotonic clock; infinity before
        it has begun, or without a limit.
    """

    request: EvaluationRequest
    num_retries: int = 0
    deadline: float = math.inf


class RayEvaluator:
    """Calls `evaluate(request)` in Ray's workers, for many candidates at once.

    What a candidate gets does not depend on the number of workers, on their order, or
    on what died on the way. Its own failure comes back as an evaluation; so does the
    loss of its worker, when that keeps happening.

    The first evaluation starts Ray, or joins its cluster.

    Args:
      evaluate: What to call. It can be pickled, as a `functools.partial` can, whose
        arguments may be class images: a machine stores it once, and its workers read
        numpy arrays in it without a copy.
      config: Where to evaluate, with what, and when to give up.
      kernels: The `kernel_path` that all workers must have; None: any.
      num_queued: The number of candidates sent ahead of those that run, so that a worker
        that is done need not wait for its next.
      candidates_per_worker: The number of evaluations after which a worker process is
        renewed, should its memory grow after all; 0 for never.

    Raises:
      ValueError: A number is out of its range, or `config` is not for Ray.
    """

    def __init__(
        self,
        evaluate: Callable[[EvaluationRequest], Evaluation],
        *,
        config: WorkersConfig,
        kernels: str | None = None,
        num_queued: int = 2,
        candidates_per_worker: int = 20,
    ):
        check_is_for_ray(config)
        for name, value, least in (
            ("num_queued", num_queued, 1),
            ("candidates_per_worker", candidates_per_worker, 0),
        ):
            if value < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. Received: {value}."
                )
        self._evaluate = evaluate
        self._config = config
        self._kernels = kernels
        self._num_queued = num_queued
        self._candidates_per_worker = candidates_per_worker
        self._ray = None
        self._task = None
        self._stored = ()
        self._num_slots = 0
        self._slots_expire = 0.0

    @property
    def num_workers(self) -> int:
        """How many evaluations run at a time, as last counted."""
        return self._num_slots

    def evaluate(
        self, waiting: collections.deque[EvaluationRequest]
    ) -> Iterator[Evaluation]:
        """Yields every request's evaluation once, as it completes, in any order.

        Args:
          waiting: The requests; more may be added at any time.

        Raises:
          WorkerError: `evaluate` has raised, or a worker's software differs.
        """
        self._start()
        again: collections.deque[_Candidate] = collections.deque()
        running: dict[_Task, _Candidate] = {}
        try:
            while waiting or again or running:
                limit = self._count_slots() + self._num_queued
                while (waiting or again) and len(running) < limit:
                    # What was lost waits for those that were never tried.
                    new = _Candidate(waiting.popleft()) if waiting else None
                    candidate = new or again.popleft()
                    candidate.deadline = math.inf
                    task = self._task.remote(candidate.request, *self._share())
                    running[task] = candidate
                for task, outcome in self._news(running):
                    candidate = running.pop(task)
                    if isinstance(outcome, Evaluation):
                        yield outcome
                    elif candidate.num_retries < self._config.max_retries_per_candidate:
                        genome = candidate.request.genome
                        logging.warning("%s: %s; retrying.", genome, outcome)
                        candidate.num_retries += 1
                        again.append(candidate)
                    else:
                        yield self._failure(candidate, outcome)
        finally:
            self._end(running)

    def close(self) -> None:
        """Stops the local cluster, or leaves the one that was joined."""
        if self._ray is not None:
            leave_cluster()
            self._ray = None

    def _start(self) -> None:
        if self._ray is not None:
            return
        self._ray = join_cluster(self._config)
        self._task = self._ray.remote(
            **worker_options(self._config),
            max_calls=self._candidates_per_worker,
            # Retries are counted here: Ray's own would retry out-of-memory for ever.
            max_retries=0,
        )(_evaluate_in_worker)

    def _share(self) -> tuple:
        """References to what all candidates need, which is put in the object store."""
        if not self._stored:
            versions = versions_to_check(self._config, self._kernels)
            arguments = (versions, self._evaluate)
            self._stored = tuple(self._ray.put(argument) for argument in arguments)
        return self._stored

    def _count_slots(self) -> int:
        """How many candidates the living machines can run at once."""
        if time.monotonic() > self._slots_expire:
            self._num_slots = count_slots(self._ray, self._config)
            self._slots_expire = time.monotonic() + _NODES_SECONDS
        return self._num_slots

    def _news(
        self, running: dict[_Task, _Candidate]
    ) -> Iterator[tuple[_Task, Evaluation | str]]:
        """Waits a moment; yields the tasks that have ended, with what became of them.

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

    def _outcome(self, task: _Task, candidate: _Candidate) -> Evaluation | str | None:
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

    def _describe_loss(self, error: Exception, candidate: _Candidate) -> str:
        for name, reason in _LOSSES.items():
            if isinstance(error, getattr(self._ray.exceptions, name)):
                if name == "ObjectLostError":
                    self._stored = ()
                return reason
        cause = getattr(error, "cause", error)
        raise WorkerError(
            f"Evaluating {candidate.request.genome} raised {type(cause).__name__}: {cause}"
        ) from error

    def _failure(self, candidate: _Candidate, reason: str) -> Evaluation:
        return Evaluation(
            genome=candidate.request.genome,
            key=candidate.request.key,
            score=None,
            num_retries=candidate.num_retries,
            failure=f"{reason} ({candidate.num_retries + 1} attempts)",
        )

    def _end(self, running: Iterable[_Task]) -> None:
        """Kills the workers of the tasks that do not end by themselves at once.

        Where one task has raised, others are about to: Ray aborts this process when a
        task ends while it is cancelled (ray-project/ray#54846).
        """
        tasks = list(running)
        if self._ray is None or not tasks:
            return
        ready, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=_POLL_SECONDS)
        ended = {task for task in ready if self._has_ended(task)}
        self._cancel(task for task in tasks if task not in ended)

    def _has_ended(self, task: _Task) -> bool:
        """Whether a task that has news has not merely begun."""
        try:
            return self._ray.get(next(task)) is not None
        except (self._ray.exceptions.RayError, StopIteration):
            return True

    def _cancel(self, tasks: Iterable[_Task]) -> None:
        """Kills the workers of the given tasks."""
        for task in tasks if self._ray is not None else ():
            self._ray.cancel(task, force=True)


def _evaluate_in_worker(
    request: EvaluationRequest,
    versions: dict[str, str],
    evaluate: Callable[[EvaluationRequest], Evaluation],
) -> Iterator[Evaluation | None]:
    """Yields None once the worker has begun, then the evaluation."""
    check_versions(versions)
    yield None
    yield evaluate(request)
