"""Runs a search: asks for candidates, has them evaluated and stores what comes."""

import dataclasses
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator

from autometa_tf.candidates.evaluation import (
    Evaluation,
)
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.halving import evaluations_needed, finalists_needed
from autometa_tf.search.progress import Progress, ProgressMeter, ProgressReporter
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.state_rows import NUM_FINALISTS
from autometa_tf.search.store import SearchStore
from autometa_tf.search.strategy import (
    SearchFailedError,
    Strategy,
    describe_failed_stage,
)
from autometa_tf.search.time_budget import TimeBudget
from autometa_tf.search.waiting import Needed, Waiting
from autometa_tf.search.worker_time import FINALISTS, WorkerTime
from autometa_tf.workers.evaluator import Evaluator


class TooManyFailuresError(SearchFailedError):
    """So many failures in a row that it is not the candidates that are at fault."""


def run_search(
    strategy: Strategy,
    evaluator: Evaluator,
    store: SearchStore,
    *,
    plan: EvaluationPlan,
    max_consecutive_failures: int = SearchConfig.max_consecutive_failures,
    time_budget_hours: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    report: ProgressReporter = lambda progress: None,
) -> SearchState:
    """Searches from where the store stands to the end.

    Every stage is stored before its training begins, and every evaluation as it comes.
    So a search that was interrupted, in any way, ends as if it had not been: what to do
    next depends on the store alone, and not on the order in which evaluations came.

    Args:
      strategy: Chooses the candidates.
      evaluator: Trains and scores them.
      store: The run's store, opened as its driver.
      plan: How far candidates are trained, and which of them further than others.
      max_consecutive_failures: As `SearchConfig` has it.
      time_budget_hours: As `SearchConfig` has it.
      clock: A function that gives the time in seconds.
      report: Called with each `Progress`.

    Returns:
      The final state, which has at least one success.

    Raises:
      TooManyFailuresError: `max_consecutive_failures` have come in a row.
      SearchFailedError: All candidates of a stage have failed. Such failures are not
        kept: the search tries them again, once their cause is dealt with.
      StoreError: The store cannot be written.
    """
    stages, spent = strategy.plan(), store.read_seconds_spent()
    budget = TimeBudget(time_budget_hours, spent, len(stages), plan, clock)
    meter = ProgressMeter(stages, plan, clock, budget)
    search = _Search(evaluator, store, plan, budget, max_consecutive_failures, clock)
    tell = _with_running(report, evaluator)
    while True:
        state, _ = search.take_up(store.read_state(plan))
        if not any(evaluations_needed(state, plan)):
            store.forget_learners()
            stage = _next_stage(strategy, state, store, budget)
            if stage is None:
                break
            store.add_stage(stage)
            state, _ = search.take_up(store.read_state(plan))
        budget.begin_stage(state.stages[-1].number)
        tell(meter.begin_stage(state))
        for found in search.evaluate_stage(state):
            tell(meter.add(found))
    state = _decide_number_of_finalists(state, store, budget)
    if finalists := search.finalists_to_evaluate(state):
        tell(meter.begin_finalists(store.read_state(plan)))
        for evaluation in search.evaluate_finalists(state, finalists):
            tell(meter.add(evaluation))
    return store.read_state(plan)


def _with_running(report: ProgressReporter, evaluator: Evaluator) -> ProgressReporter:
    """Reports how many evaluations run, too."""

    def tell(progress: Progress) -> None:
        left = progress.stage_total - progress.stage_done
        running = min(left, evaluator.num_workers)
        report(dataclasses.replace(progress, num_running=running))

    return tell


class _Search:
    """Sends requests to the evaluator, and stores what comes back.

    Args:
      evaluator: Trains and scores candidates.
      store: Where evaluations are kept, and learners that candidates go on with.
      plan: How far candidates are trained.
      budget: The time that they may take.
      max_consecutive_failures: The number that may fail one after the other.
      clock: A function that gives the time in seconds.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        store: SearchStore,
        plan: EvaluationPlan,
        budget: TimeBudget,
        max_consecutive_failures: int,
        clock: Callable[[], float],
    ):
        self._evaluator = evaluator
        self._store = store
        self._plan = plan
        self._budget = budget
        self._max_consecutive_failures = max_consecutive_failures
        self._clock = clock

    def take_up(self, state: SearchState) -> tuple[SearchState, list[Evaluation]]:
        """The state with what it needs of an earlier configuration's evaluations."""
        taken = []
        while found := self._store.take_up(evaluations_needed(state, self._plan)):
            for evaluation in found:
                state = state.with_evaluation(evaluation)
            taken += found
        return state, taken

    def finalists_to_evaluate(self, state: SearchState) -> list[Needed]:
        """What finalists need that no earlier configuration has evaluated."""
        needed = finalists_needed(state, self._plan)
        taken = self._store.take_up(needed)
        known = {(found.genome, found.key) for found in taken}
        return [each for each in needed if each not in known]

    def evaluate_stage(self, state: SearchState) -> Iterator[Evaluation]:
        """Yields the evaluations of the last stage, until its time is over."""
        waiting = Waiting(self._store)
        stage, needed = state.stages[-1], evaluations_needed(state, self._plan)
        is_limited = not math.isinf(self._budget.seconds_left)
        waiting.send(state, _most_promising(stage, needed) if is_limited else needed)
        places = [*self._plan.num_reaching(len(stage.genomes)), 0][1]
        for evaluation in self._evaluate(waiting, stage.number):
            if places or is_limited:
                found = dataclasses.replace(evaluation, learner=b"")
                state = state.with_evaluation(found)
            if self._budget.stage_is_over and not state.stages[-1].is_closed:
                state = self._close_stage(state, waiting)
            # With more than that to come nobody's place at the next rung is certain.
            taken = []
            if places and len(waiting.pending) <= places:
                state, taken = self.take_up(state)
                waiting.send(state, evaluations_needed(state, self._plan))
            yield evaluation
            yield from taken

    def _close_stage(self, state: SearchState, waiting: Waiting) -> SearchState:
        """Begins no more candidates, once there is a score to go on from."""
        if not state.successes_of(state.stages[-1]):
            return state
        self._store.close_stage(state.stages[-1].number)
        waiting.take_back_first_rungs(self._plan.keys[0])
        return state.with_last_stage_closed()

    def evaluate_finalists(
        self, state: SearchState, needed: Iterable[Needed]
    ) -> Iterator[Evaluation]:
        """Yields the evaluations of finalists that are needed."""
        waiting = Waiting(self._store)
        waiting.send(state, needed)
        yield from self._evaluate(waiting, FINALISTS)

    def _evaluate(self, waiting: Waiting, stage: int) -> Iterator[Evaluation]:
        """Yields evaluations once they are stored, until too many in a row failed."""
        failures, last = [], self._clock()
        for evaluation in waiting.checked(self._evaluator.evaluate(waiting.requests)):
            now = self._clock()
            workers = WorkerTime(
                stage=stage,
                wall_seconds=now - last,
                worker_seconds=(now - last) * self._evaluator.num_workers,
                busy_seconds=evaluation.seconds,
            )
            last = now
            self._store.add_evaluation(evaluation, self._budget.lap(), workers)
            failures = [] if evaluation.succeeded else [*failures, evaluation]
            yield evaluation
            if len(failures) >= self._max_consecutive_failures:
                self._store.discard_evaluations(failures)
                raise TooManyFailuresError(
                    f"{len(failures)} candidates have failed one after the other. The "
                    f"last one's reason: {evaluation.failure}"
                )


def _decide_number_of_finalists(
    state: SearchState, store: SearchStore, budget: TimeBudget
) -> SearchState:
    number = store.decide(NUM_FINALISTS, budget.num_finalists(state))
    return dataclasses.replace(state, num_finalists=number)


def _most_promising(stage: Stage, needed: Iterable[Needed]) -> list[Needed]:
    """The best predicted first, and any order where nothing was predicted."""
    order = list(stage.genomes)
    random.Random(0).shuffle(order)
    if stage.predictions:
        predicted = dict(zip(stage.genomes, stage.predictions, strict=True))
        order.sort(key=lambda genome: -predicted[genome])
    place = {genome: number for number, genome in enumerate(order)}
    return sorted(needed, key=lambda each: place[each[0]])


def _next_stage(
    strategy: Strategy, state: SearchState, store: SearchStore, budget: TimeBudget
) -> Stage | None:
    """The next stage, or None when the search, or its time, is over.

    Failures that leave none are forgotten.
    """
    if budget.is_spent and state.best:
        return None
    try:
        if len(state.stages) < len(strategy.plan()):
            if stage := store.stage_chosen_before(state):
                return stage
        stage = strategy.suggest(state)
        if stage is None and state.best is None:
            raise SearchFailedError(describe_failed_stage(state))
        return stage
    except SearchFailedError:
        if state.stages:
            store.discard_evaluations(
                state.evaluations[genome] for genome in state.stages[-1].genomes
            )
        raise
