"""An evaluator that makes up its scores at once."""

import collections
import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator

from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.genomes.genome import Genome, genome_to_json

DEFAULT_KEY = EvaluationKey(seed=0, outer_iterations=1, rung=1, num_episodes=2)


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


def requests(
    genomes: Iterable[Genome], key: EvaluationKey = DEFAULT_KEY
) -> collections.deque[EvaluationRequest]:
    """What an evaluator is given to evaluate these genomes."""
    return collections.deque(
        EvaluationRequest(genome=genome, key=key) for genome in genomes
    )


class FakeEvaluator:
    """Scores genomes by a function of genome and seed.

    Args:
      score: Gives the score of a genome and a seed.
      failure: Gives the reason why a genome fails, "" when it does not.
      shuffle_seed: The seed of the order of completion; None to keep the order.
      delay_seconds: How long an evaluation takes.

    Attributes:
      evaluated: The genomes it has been asked for and has answered, in order.
      requests: The requests it has answered, in order.
      closed: Whether it was closed.
    """

    num_workers = 1

    def __init__(
        self,
        *,
        score: Callable[[Genome, int], float] = hash_score,
        failure: Callable[[Genome], str] = lambda genome: "",
        shuffle_seed: int | None = None,
        delay_seconds: float = 0.0,
    ):
        self._score = score
        self._failure = failure
        self._random = None if shuffle_seed is None else random.Random(shuffle_seed)
        self._delay_seconds = delay_seconds
        self.requests = []
        self.closed = False

    @property
    def evaluated(self) -> list[Genome]:
        return [request.genome for request in self.requests]

    def evaluate(
        self, waiting: collections.deque[EvaluationRequest]
    ) -> Iterator[Evaluation]:
        while waiting:
            if self._random is not None:
                waiting.rotate(self._random.randrange(len(waiting)))
            request = waiting.popleft()
            time.sleep(self._delay_seconds)
            self.requests.append(request)
            yield self.evaluation(request)

    def evaluation(self, request: EvaluationRequest) -> Evaluation:
        """What becomes of a request; the learner says how far it was trained."""
        genome, key = request.genome, request.key
        failure = self._failure(genome)
        return Evaluation(
            genome=genome,
            key=key,
            score=None if failure else self._score(genome, key.seed),
            failure=failure,
            learner=b"" if key.is_last or failure else str(key.rung).encode(),
        )

    def close(self) -> None:
        self.closed = True
