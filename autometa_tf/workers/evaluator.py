"""What trains and scores candidates, seen by those who ask for it."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome


class Evaluator(Protocol):
    """Turns genomes into evaluations, here or on a cluster."""

    def evaluate(self, genomes: Sequence[Genome]) -> Iterator[Evaluation]:
        """Yields every genome's evaluation once, as it completes, in any order.

        A candidate's own failure is an evaluation that says so; anything else that
        goes wrong raises.
        """

    def close(self) -> None:
        """Frees what evaluating holds, such as worker processes."""
