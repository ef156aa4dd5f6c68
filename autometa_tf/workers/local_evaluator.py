"""Candidates evaluated in this process, one after another."""

from collections.abc import Callable, Iterator, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome


class LocalEvaluator:
    """Calls `evaluate(genome, *shared)` here: for tests, debuggers and small machines.

    It gives the same evaluations as Ray does, but grows with every network it builds,
    and dies with a candidate that the operating system kills.
    """

    def __init__(
        self, evaluate: Callable[..., Evaluation], shared: Sequence[object] = ()
    ):
        """Keeps what to call and what to pass it after the genome."""
        self._evaluate = evaluate
        self._shared = tuple(shared)

    def evaluate(self, genomes: Sequence[Genome]) -> Iterator[Evaluation]:
        """Yields every genome's evaluation, in the order of `genomes`."""
        for genome in genomes:
            yield self._evaluate(genome, *self._shared)

    def close(self) -> None:
        """Does nothing: there is nothing to free."""
