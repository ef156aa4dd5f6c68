"""What an evaluator was asked for and has not answered yet."""

import collections
import dataclasses
from collections.abc import Iterable, Iterator

from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import SearchStore

# A candidate, and how far it is to be trained.
Needed = tuple[Genome, EvaluationKey]


class Waiting:
    """The requests that an evaluator has not answered yet.

    Args:
      store: Where learners are that candidates go on with.

    Attributes:
      requests: Those that it has not begun, for the evaluator to take.
      pending: What has no answer yet.
    """

    def __init__(self, store: SearchStore):
        self._store = store
        self._sent: set[Needed] = set()
        self.requests: collections.deque[EvaluationRequest] = collections.deque()
        self.pending: set[Needed] = set()

    def send(self, state: SearchState, needed: Iterable[Needed]) -> None:
        """Adds what was not sent before."""
        for genome, key in needed:
            if (genome, key) in self._sent:
                continue
            before = [found for found in state.curve(genome) if _leads_to(found, key)]
            learner = self._store.read_learner(before[-1]) if before else b""
            self.requests.append(
                EvaluationRequest(genome=genome, key=key, learner=learner)
            )
            self._sent.add((genome, key))
            self.pending.add((genome, key))

    def take_back_first_rungs(self, key: EvaluationKey) -> None:
        """Takes back the requests that have not begun, of candidates that had none."""
        for request in [each for each in self.requests if each.key == key]:
            self.requests.remove(request)
            self.pending.remove((request.genome, key))

    def checked(self, evaluations: Iterator[Evaluation]) -> Iterator[Evaluation]:
        """Passes on the answers, which must be those that were asked for."""
        for evaluation in evaluations:
            asked_for = evaluation.genome, evaluation.key
            if asked_for not in self.pending:
                raise RuntimeError(
                    "An evaluator must give the evaluations it was asked for, each "
                    f"once. Received: {evaluation.genome} with {evaluation.key}."
                )
            self.pending.remove(asked_for)
            yield evaluation
        if self.pending:
            raise RuntimeError(
                "An evaluator must give every evaluation. Not received: "
                f"{len(self.pending)} of {len(self._sent)}."
            )


def _leads_to(found: Evaluation, key: EvaluationKey) -> bool:
    """Whether an evaluation is at another rung of the same training."""
    return dataclasses.replace(found.key, rung=1) == dataclasses.replace(key, rung=1)
