"""Runs a search: asks for candidates, has them evaluated and stores what comes."""

from collections.abc import Iterator

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.progress import ProgressMeter, ProgressReporter
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store import SearchStore
from autometa_tf.search.strategy import (
    SearchFailedError,
    Strategy,
    describe_failed_stage,
)
from autometa_tf.workers.evaluator import Evaluator


class TooManyFailuresError(SearchFailedError):
    """So many failures in a row that it is not the candidates that are at fault."""


def run_search(
    strategy: Strategy,
    evaluator: Evaluator,
    store: SearchStore,
    *,
    key: EvaluationKey,
    max_consecutive_failures: int = SearchConfig.max_consecutive_failures,
    report: ProgressReporter = lambda progress: None,
) -> SearchState:
    """Searches from where the store stands to the end.

    Every stage is stored before its training begins, and every evaluation as it
    comes. So a search that was interrupted, at any time and in any way, goes on with
    what it had, and ends as if it had not been: what to do next depends on the store
    alone, and not on the order in which evaluations came.

    Args:
      strategy: Chooses the candidates.
      evaluator: Trains and scores them.
      store: The run's store, opened as its driver.
      key: The key of all evaluations that the evaluator gives.
      max_consecutive_failures: The number of candidates that may fail one after the
        other.
      report: Called with each `Progress`.

    Returns:
      The final state, which has at least one success.

    Raises:
      TooManyFailuresError: `max_consecutive_failures` have come in a row.
      SearchFailedError: The candidates of a stage have all failed, and the search
        cannot go on without. Failures that end a search are not kept: it will try
        those candidates again, once their cause is dealt with.
      StoreError: The store cannot be written.
      ValueError: `max_consecutive_failures` is less than 1.
    """
    if max_consecutive_failures < 1:
        raise ValueError(
            "`max_consecutive_failures` must be at least 1. "
            f"Received: {max_consecutive_failures}."
        )
    meter = ProgressMeter(strategy.plan())
    while True:
        state = store.read_state(key)
        if not state.pending:
            stage = _suggest(strategy, state, store)
            if stage is None:
                return state
            store.add_stage(stage)
            state = store.read_state(key)
        report(meter.begin_stage(state))
        evaluations = _evaluate_pending(state, evaluator, key)
        for evaluation in _store_each(evaluations, store, max_consecutive_failures):
            report(meter.add(evaluation))


def _suggest(
    strategy: Strategy, state: SearchState, store: SearchStore
) -> Stage | None:
    """Asks for the next stage; failures that leave none are forgotten."""
    try:
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


def _store_each(
    evaluations: Iterator[Evaluation], store: SearchStore, max_consecutive_failures: int
) -> Iterator[Evaluation]:
    """Passes evaluations on once they are stored, until too many in a row failed."""
    failures = []
    for evaluation in evaluations:
        store.add_evaluation(evaluation)
        failures = [] if evaluation.succeeded else [*failures, evaluation]
        yield evaluation
        if len(failures) >= max_consecutive_failures:
            store.discard_evaluations(failures)
            raise TooManyFailuresError(
                f"{len(failures)} candidates have failed one after the other. The "
                f"last one's reason: {evaluation.failure}"
            )


def _evaluate_pending(
    state: SearchState, evaluator: Evaluator, key: EvaluationKey
) -> Iterator[Evaluation]:
    """Yields the evaluations of the pending candidates, each of which it checks."""
    pending = set(state.pending)
    for evaluation in evaluator.evaluate(state.pending):
        _check_asked_for(evaluation, pending, key)
        pending.remove(evaluation.genome)
        yield evaluation
    if pending:
        raise RuntimeError(
            "An evaluator must give every genome's evaluation. Not received: "
            f"{len(pending)} of {len(state.pending)}."
        )


def _check_asked_for(
    evaluation: Evaluation, pending: set[Genome], key: EvaluationKey
) -> None:
    if evaluation.genome not in pending or evaluation.key != key:
        raise RuntimeError(
            "An evaluator must give the evaluations it was asked for, each once, with "
            f"{key}. Received: {evaluation.genome} with {evaluation.key}."
        )
