"""What a search's stages come to, in numbers."""

import dataclasses
import statistics

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.search.state import SearchState, Stage, rank


@dataclasses.dataclass(frozen=True, kw_only=True)
class StageSummary:
    """One stage as far as it has come.

    Attributes:
      number: 1 for the first.
      num_candidates: How many it is to train.
      num_evaluated: How many of them have their evaluation.
      num_failures: How many of those failed.
      best_score: The highest score; like the next two it is None without a score.
      median_score: The median score.
      median_depth: The median depth of the cells that have a score, in blocks.
      num_expanded: How many cells there were to choose from.
      num_distinct: How many of those were not isomorphic to another.
    """

    number: int
    num_candidates: int
    num_evaluated: int
    num_failures: int
    best_score: float | None
    median_score: float | None
    median_depth: float | None
    num_expanded: int
    num_distinct: int


def summarize_stages(state: SearchState) -> list[StageSummary]:
    """The summary of every stage so far."""
    return [_summarize(state, stage) for stage in state.stages]


def best_quarter(evaluations: list[Evaluation]) -> list[Evaluation]:
    """The best quarter, rounded up, of evaluations with a score; best first."""
    return sorted(evaluations, key=rank)[: -(-len(evaluations) // 4)]


def _summarize(state: SearchState, stage: Stage) -> StageSummary:
    successes = state.successes_of(stage)
    scores = [evaluation.score for evaluation in successes]
    depths = [evaluation.genome.depth for evaluation in successes]
    num_evaluated = sum(genome in state.evaluations for genome in stage.genomes)
    return StageSummary(
        number=stage.number,
        num_candidates=len(stage.genomes),
        num_evaluated=num_evaluated,
        num_failures=num_evaluated - len(successes),
        best_score=max(scores, default=None),
        median_score=statistics.median(scores) if scores else None,
        median_depth=statistics.median(depths) if depths else None,
        num_expanded=stage.num_expanded,
        num_distinct=stage.num_distinct,
    )
