"""How well predictions rank cells, and how far off they are."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class RankingQuality:
    """Predictions compared with what came true.

    Attributes:
      num_genomes: How many were compared.
      spearman: Spearman's rank correlation in [-1, 1]. Like Kendall's it is None
        where undefined: for fewer than two genomes, or when all are equal.
      kendall: Kendall's rank correlation (tau-b, which allows for ties) in [-1, 1].
      mean_absolute_error: Mean distance from prediction to score; None for none.
    """

    num_genomes: int
    spearman: float | None
    kendall: float | None
    mean_absolute_error: float | None


def ranking_quality(
    predictions: Sequence[float], scores: Sequence[float]
) -> RankingQuality:
    """Compares predictions with scores.

    Raises:
      ValueError: There are not as many of one as of the other, or not all are finite.
    """
    predictions = np.asarray(predictions, np.float64)
    scores = np.asarray(scores, np.float64)
    if predictions.shape != scores.shape or predictions.ndim != 1:
        raise ValueError(
            "There must be one prediction for each score. Received shapes: "
            f"{predictions.shape} and {scores.shape}."
        )
    if not (np.isfinite(predictions).all() and np.isfinite(scores).all()):
        raise ValueError("Predictions and scores must be finite numbers.")
    spearman = kendall = mean_absolute_error = None
    if len(scores):
        mean_absolute_error = float(np.abs(predictions - scores).mean())
        if np.ptp(predictions) > 0 and np.ptp(scores) > 0:
            from scipy import stats  # Takes a second, which no start should wait.

            spearman = _defined(stats.spearmanr(predictions, scores).statistic)
            kendall = _defined(stats.kendalltau(predictions, scores).statistic)
    return RankingQuality(
        num_genomes=len(scores),
        spearman=spearman,
        kendall=kendall,
        mean_absolute_error=mean_absolute_error,
    )


def _defined(statistic: float) -> float | None:
    return None if math.isnan(statistic) else float(statistic)
