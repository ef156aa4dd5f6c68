"""What a search's candidates have cost, and why some failed."""

import collections
import dataclasses
from collections.abc import Iterable, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.plain_text import one_line

_MAX_REASON_LENGTH = 160


@dataclasses.dataclass(frozen=True, kw_only=True)
class CostSummary:
    """Times of candidates, as their workers measured them.

    Attributes:
      total_seconds: The seconds of all candidates, those that failed included; several
        may have run at a time.
      build_seconds: The mean time to build the network of a candidate with a score;
        like the next three it is 0 where no candidate has one.
      train_seconds: The mean time to train it.
      scoring_seconds: The mean time to score it.
      seconds_per_candidate: The sum of these three.
      peak_memory_bytes: The most any candidate's process had in use.
      num_retries: How often a process died or ran out of time.
    """

    total_seconds: float
    build_seconds: float
    train_seconds: float
    scoring_seconds: float
    seconds_per_candidate: float
    peak_memory_bytes: int
    num_retries: int


def summarize_costs(evaluations: Sequence[Evaluation]) -> CostSummary:
    """What all of them cost together, and each on average."""
    successes = [evaluation for evaluation in evaluations if evaluation.succeeded]

    def mean(values: Iterable[float]) -> float:
        return sum(values) / max(1, len(successes))

    return CostSummary(
        total_seconds=sum(found.seconds for found in evaluations),
        build_seconds=mean(found.build_seconds for found in successes),
        train_seconds=mean(found.train_seconds for found in successes),
        scoring_seconds=mean(found.scoring_seconds for found in successes),
        seconds_per_candidate=mean(found.seconds for found in successes),
        peak_memory_bytes=max(
            (found.peak_memory_bytes for found in evaluations), default=0
        ),
        num_retries=sum(found.num_retries for found in evaluations),
    )


def failure_counts(evaluations: Iterable[Evaluation]) -> list[tuple[str, int]]:
    """The reasons for failures in one line each, and how often; the commonest first."""
    reasons = [
        one_line(evaluation.failure, _MAX_REASON_LENGTH)
        for evaluation in evaluations
        if not evaluation.succeeded
    ]
    return collections.Counter(reasons).most_common()
