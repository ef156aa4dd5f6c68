"""Candidates evaluated in this process, one after another."""

import collections
from collections.abc import Callable, Iterator

from autometa_tf.candidates.evaluation import Evaluation, EvaluationRequest


class LocalEvaluator:
    """Calls `evaluate(request)` here: for tests, debuggers and small machines.

    It gives the same evaluations as Ray does, but grows with every network it builds,
    and dies with a candidate that the operating system kills.

    Args:
      evaluate: What to call.
    """

    num_workers = 1

    def __init__(self, evaluate: Callable[[EvaluationRequest], Evaluation]):
        self._evaluate = evaluate

    def evaluate(
        self, waiting: collections.deque[EvaluationRequest]
    ) -> Iterator[Evaluation]:
        """Yields every request's evaluation, in the order of `waiting`."""
        while waiting:
            yield self._evaluate(waiting.popleft())

    def close(self) -> None:
        """Does nothing: there is nothing to free."""
