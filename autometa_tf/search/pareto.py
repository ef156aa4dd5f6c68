"""The candidates of which no other is better in every respect."""

import dataclasses
from collections.abc import Iterable

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParetoCell:
    """A candidate that is the best for some who weigh score, size and time.

    Attributes:
      genome: The candidate.
      score: Its score, in [0, 1].
      num_parameters: The number of its network's weights.
      seconds_per_episode: The seconds that its worker, on one core, took to score it, by
        the number of episodes: in each it adapts once and answers in both ways.
    """

    genome: Genome
    score: float
    num_parameters: int
    seconds_per_episode: float

    def __post_init__(self):
        if not 0 <= self.score <= 1:
            raise ValueError(f"`score` must be in [0, 1]. Received: {self.score}.")
        for name in ("num_parameters", "seconds_per_episode"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(
                    f"`{name}` must be at least 0. Received: {getattr(self, name)}."
                )


def pareto_set(evaluations: Iterable[Evaluation]) -> tuple[ParetoCell, ...]:
    """Those that no other beats or equals in all, and beats in some respect.

    The respects are a higher score, fewer parameters and fewer seconds per episode.

    Args:
      evaluations: Of one key, since scores of others cannot be compared.

    Returns:
      The cells, best score first.
    """
    cells = [
        ParetoCell(
            genome=found.genome,
            score=found.score,
            num_parameters=found.num_parameters,
            seconds_per_episode=found.scoring_seconds / found.key.num_episodes,
        )
        for found in evaluations
        if found.succeeded
    ]
    front: list[ParetoCell] = []
    # Whoever beats a cell comes before it, and what beats that is in the front.
    for cell in sorted(cells, key=lambda cell: (_costs(cell), cell.genome)):
        if not any(_beats(better, cell) for better in front):
            front.append(cell)
    return tuple(front)


def _costs(cell: ParetoCell) -> tuple[float, ...]:
    return -cell.score, cell.num_parameters, cell.seconds_per_episode


def _beats(one: ParetoCell, other: ParetoCell) -> bool:
    pairs = list(zip(_costs(one), _costs(other), strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
