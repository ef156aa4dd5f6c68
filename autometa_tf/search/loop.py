"""Runs a search: asks for candidates, has them evaluated and stores what comes."""

import collections
import dataclasses
from collections.abc import Iterable, Iterator

from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.halving import evaluations_needed, finalists_needed
from autometa_tf.search.progress import Progress, ProgressMeter, ProgressReporter
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store import SearchStore
from autometa_tf.search.strategy import (
    SearchFailedError,
    Strategy,
    describe_failed_stage,
)
from autometa_tf.workers.evaluator import Evaluator

# A candidate, and how far it is to be trained.
_Needed = tuple[Genome, EvaluationKey]


class TooManyFailuresError(SearchFailedError):
    """So many failures in a row that it is not the candidates that are at fault."""


def run_search(
    strategy: Strategy,
    evaluator: Evaluator,
    store: SearchStore,
    *,
    plan: EvaluationPlan,
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
      plan: How far candidates are trained, and which of them further than others.
      max_consecutive_failures: The number of candidates that may fail one after the
        other, at least 1, which `SearchConfig` checks.
      report: Called with each `Progress`.

    Returns:
      The final state, which has at least one success.

    Raises:
      TooManyFailuresError: `max_consecutive_failures` have come in a row.
      SearchFailedError: The candidates of a stage have all failed, and the search
        cannot go on without. Failures that end a search are not kept: it will try
        those candidates again, once their cause is dealt with.
      StoreError: The store cannot be written.
    """
    meter = ProgressMeter(strategy.plan(), plan)

    def evaluate(needed: Iterable[_Needed], begun: Progress) -> None:
        report(begun)
        work = _Work(state, plan, store, needed)
        for evaluation in work.evaluate(evaluator, max_consecutive_failures):
            report(meter.add(evaluation))

    while True:
        state = store.read_state(plan)
        if not any(evaluations_needed(state, plan)):
            store.forget_learners()
            stage = _suggest(strategy, state, store)
            if stage is None:
                break
            store.add_stage(stage)
            state = store.read_state(plan)
        evaluate(evaluations_needed(state, plan), meter.begin_stage(state))
    if finalists := finalists_needed(state, plan):
        evaluate(finalists, meter.begin_finalists(state))
    return store.read_state(plan)


class _Work:
    """What is sent to the evaluator, and what has come back of it.

    Args:
      state: The search as it stands.
      plan: The search's.
      store: Where learners are that candidates go on with.
      needed: What to begin with.
    """

    def __init__(
        self,
        state: SearchState,
        plan: EvaluationPlan,
        store: SearchStore,
        needed: Iterable[_Needed],
    ):
        self._state = state
        self._plan = plan
        self._store = store
        self._waiting: collections.deque[EvaluationRequest] = collections.deque()
        self._sent: set[_Needed] = set()
        self._pending: set[_Needed] = set()
        self._send(needed)

    def evaluate(
        self, evaluator: Evaluator, max_consecutive_failures: int
    ) -> Iterator[Evaluation]:
        """Yields the evaluations of all that is sent, each once it is stored."""
        found = self._evaluate(evaluator)
        for evaluation in _store_each(found, self._store, max_consecutive_failures):
            self._send_after(evaluation)
            yield evaluation

    def _evaluate(self, evaluator: Evaluator) -> Iterator[Evaluation]:
        """Yields what the evaluator gives, each of which it checks."""
        for evaluation in evaluator.evaluate(self._waiting):
            asked_for = evaluation.genome, evaluation.key
            if asked_for not in self._pending:
                raise RuntimeError(
                    "An evaluator must give the evaluations it was asked for, each "
                    f"once. Received: {evaluation.genome} with {evaluation.key}."
                )
            self._pending.remove(asked_for)
            yield evaluation
        if self._pending:
            raise RuntimeError(
                "An evaluator must give every evaluation. Not received: "
                f"{len(self._pending)} of {len(self._sent)}."
            )

    def _send_after(self, evaluation: Evaluation) -> None:
        """Sends after an evaluation, which is stored, whoever goes on for certain."""
        if len(self._plan.keys) == 1 or evaluation.key not in self._plan.keys:
            return
        evaluation = dataclasses.replace(evaluation, learner=b"")
        self._state = self._state.with_evaluation(evaluation)
        # With more than that to come nobody's place is certain.
        num_candidates = len(self._state.stages[-1].genomes)
        if len(self._pending) <= self._plan.num_reaching(num_candidates)[1]:
            self._send(evaluations_needed(self._state, self._plan))

    def _send(self, needed: Iterable[_Needed]) -> None:
        for genome, key in needed:
            if (genome, key) in self._sent:
                continue
            curve = self._state.curve(genome) if key in self._plan.keys else ()
            learner = self._store.read_learner(curve[-1]) if curve else b""
            self._waiting.append(
                EvaluationRequest(genome=genome, key=key, learner=learner)
            )
            self._sent.add((genome, key))
            self._pending.add((genome, key))


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
