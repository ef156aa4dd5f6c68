"""An evaluator that makes up its scores at once."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_to_json

DEFAULT_KEY = EvaluationKey(seed=0, outer_iterations=1)


def hash_score(genome: Genome, seed: int) -> float:
    """A score in [0, 1) that looks random, the same everywhere and every time."""
    digest = hashlib.sha256(f"{seed} {genome_to_json(genome)}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def structure_score(genome: Genome, seed: int) -> float:
    """A score in [0, 1] that can be learned: convolutions help, and so does depth."""
    operations = [name for block in genome.blocks for _, name in block.halves]
    share = sum(name.startswith("conv") for name in operations) / len(operations)
    noise = hash_score(genome, seed)
    return 0.6 * share + 0.3 * genome.depth / genome.num_blocks + 0.1 * noise


class FakeTable(dict):
    """A table that has a score for every genome: it makes it up.

    Args:
      score: A function from a genome to its score, or to None for one that fails.
    """

    def __init__(
        self,
        score: Callable[[Genome], float | None] = lambda genome: hash_score(genome, 0),
    ):
        super().__init__()
        self._score = score

    def __missing__(self, genome: Genome) -> float | None:
        return self._score(genome)


class FakeEvaluator:
    """Scores genomes by a function of genome and seed.

    Args:
      key: The key of the evaluations.
      score: Gives the score of a genome and a seed.
      failure: Gives the reason why a genome fails, "" when it does not.
      shuffle_seed: The seed of the order of completion; None to keep the order.
      delay_seconds: How long an evaluation takes.

    Attributes:
      evaluated: The genomes it has been asked for and has answered, in order.
      closed: Whether it was closed.
    """

    def __init__(
        self,
        *,
        key: EvaluationKey = DEFAULT_KEY,
        score: Callable[[Genome, int], float] = hash_score,
        failure: Callable[[Genome], str] = lambda genome: "",
        shuffle_seed: int | None = None,
        delay_seconds: float = 0.0,
    ):
        self._key = key
        self._score = score
        self._failure = failure
        self._shuffle_seed = shuffle_seed
        self._delay_seconds = delay_seconds
        self.evaluated = []
        self.closed = False

    def evaluate(self, genomes: Sequence[Genome]) -> Iterator[Evaluation]:
        genomes = list(genomes)
        if self._shuffle_seed is not None:
            random.Random(self._shuffle_seed).shuffle(genomes)
        for genome in genomes:
            time.sleep(self._delay_seconds)
            failure = self._failure(genome)
            self.evaluated.append(genome)
            yield Evaluation(
                genome=genome,
                seed=self._key.seed,
                outer_iterations=self._key.outer_iterations,
                score=None if failure else self._score(genome, self._key.seed),
                failure=failure,
            )

    def close(self) -> None:
        self.closed = True
