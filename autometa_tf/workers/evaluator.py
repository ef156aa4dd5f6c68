"""What trains and scores candidates, seen by those who ask for it."""

import collections
from collections.abc import Iterator
from typing import Protocol

from autometa_tf.candidates.evaluation import Evaluation, EvaluationRequest


class Evaluator(Protocol):
    """Turns requests into evaluations, here or on a cluster."""

    def evaluate(
        self, waiting: collections.deque[EvaluationRequest]
    ) -> Iterator[Evaluation]:
        """Yields every request's evaluation once, as it completes, in any order.

        A candidate's own failure is an evaluation that says so; anything else that
        goes wrong raises.

        Args:
          waiting: What to evaluate. It is taken from the left, as there is room for it;
            whoever iterates may add to it meanwhile.
        """

    @property
    def num_workers(self) -> int:
        """How many evaluations run at a time now, where there are as many to run."""

    def close(self) -> None:
        """Frees what evaluating holds, such as worker processes."""
