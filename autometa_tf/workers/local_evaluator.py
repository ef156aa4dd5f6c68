"""Candidates evaluated in this process, one after another."""

from collections.abc import Callable, Iterator, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome


class LocalEvaluator:
    """Calls `evaluate(genome)` here: for tests, debuggers and small machines.

    It gives the same evaluations as Ray does, but grows with every network it builds,
    and dies with a candidate that the operating system kills.

    Args:
      evaluate: What to call.
    """

    def __init__(self, evaluate: Callable[[Genome], Evaluation]):
        self._evaluate = evaluate

    def evaluate(self, genomes: Sequence[Genome]) -> Iterator[Evaluation]:
        """Yields every genome's evaluation, in the order of `genomes`."""
        return map(self._evaluate, genomes)

    def close(self) -> None:
        """Does nothing: there is nothing to free."""
