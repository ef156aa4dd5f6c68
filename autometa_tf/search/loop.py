"""Runs a search: asks for candidates, has them evaluated and stores what comes."""

import dataclasses

from autometa_tf.search.progress import ProgressMeter, ProgressReporter
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import SearchStore
from autometa_tf.search.strategy import (
    SearchFailedError,
    Strategy,
    describe_failed_stage,
)
from autometa_tf.workers.evaluator import Evaluator


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """What a search's evaluations have in common, and when it gives up.

    Attributes:
      seed: the seed of all evaluations.
      outer_iterations: the outer iterations of all evaluations.
      max_consecutive_failures: how many candidates may fail one after the other.
    """

    seed: int
    outer_iterations: int
    max_consecutive_failures: int = 10

    def __post_init__(self):
        for name in ("outer_iterations", "max_consecutive_failures"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: {getattr(self, name)}."
                )


class TooManyFailuresError(SearchFailedError):
    """So many failures in a row that it is not the candidates that are at fault."""


def run_search(
    strategy: Strategy,
    evaluator: Evaluator,
    store: SearchStore,
    config: LoopConfig,
    report: ProgressReporter = lambda progress: None,
) -> SearchState:
    """Searches from where the store stands to the end.

    Every stage is stored before its training begins, and every evaluation as it
    comes. So a search that was interrupted, at any time and in any way, goes on with
    what it had, and ends as if it had not been: what to do next depends on the store
    alone, and not on the order in which evaluations came.

    Args:
      strategy: chooses the candidates.
      evaluator: trains and scores them.
      store: the run's store, opened as its driver.
      config: the seed and outer iterations the evaluator uses, and when to give up.
      report: told of the progress.

    Returns:
      the final state, which has at least one success.

    Raises:
      TooManyFailuresError: when `max_consecutive_failures` have come in a row.
      SearchFailedError: when the candidates of a stage have all failed, and the search
        cannot go on without. Failures that end a search are not kept: it will try
        those candidates again, once their cause is dealt with.
      StoreError: when the store cannot be written.
    """
    meter = ProgressMeter(strategy.plan())
    while True:
        state = _read_state(store, config)
        if not state.pending:
            stage = _suggest(strategy, state, store)
            if stage is None:
                return state
            store.add_stage(stage)
            state = _read_state(store, config)
        report(meter.begin_stage(state))
        for evaluation in _evaluate_pending(state, evaluator, store, config):
            report(meter.add(evaluation))


def _suggest(strategy, state, store):
    try:
        stage = strategy.suggest(state)
        if stage is None and state.best is None:
            raise SearchFailedError(describe_failed_stage(state))
        return stage
    except SearchFailedError:
        store.discard_evaluations(
            state.evaluations[genome] for genome in state.stages[-1].genomes
        )
        raise


def _evaluate_pending(state, evaluator, store, config):
    """Yields the evaluations of the pending candidates, after storing each."""
    pending = set(state.pending)
    failures = []
    for evaluation in evaluator.evaluate(state.pending):
        _check_asked_for(evaluation, pending, config)
        pending.remove(evaluation.genome)
        store.add_evaluation(evaluation)
        if evaluation.succeeded:
            failures.clear()
        else:
            failures.append(evaluation)
        yield evaluation
        if len(failures) >= config.max_consecutive_failures:
            store.discard_evaluations(failures)
            raise TooManyFailuresError(
                f"{len(failures)} candidates have failed one after the other. The "
                f"last one's reason: {evaluation.failure}"
            )
    if pending:
        raise RuntimeError(
            "An evaluator must give every genome's evaluation. Not received: "
            f"{len(pending)} of {len(state.pending)}."
        )


def _check_asked_for(evaluation, pending, config):
    asked = (config.seed, config.outer_iterations)
    given = (evaluation.seed, evaluation.outer_iterations)
    if evaluation.genome not in pending or given != asked:
        raise RuntimeError(
            "An evaluator must give the evaluations it was asked for, each once, with "
            f"(seed, outer iterations) {asked}. Received: {evaluation.genome} with "
            f"{given}."
        )


def _read_state(store: SearchStore, config: LoopConfig) -> SearchState:
    return store.read_state(seed=config.seed, outer_iterations=config.outer_iterations)
