"""Rank correlations with bootstrap intervals, and how many episodes a ranking needs."""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

NUM_RESAMPLES = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number from few cells.

    Attributes:
      value: The number, None where it is undefined.
      low: The lower end of its 95% bootstrap interval over cells.
      high: The upper end.
      num_cells: How many cells it is from.
    """

    value: float | None
    low: float | None
    high: float | None
    num_cells: int


def kendall(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Kendall's tau-b of paired numbers, with its interval."""
    return _estimate(first, second, lambda x, y: stats.kendalltau(x, y).statistic)


def spearman(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Spearman's rank correlation of paired numbers, with its interval."""
    return _estimate(first, second, lambda x, y: stats.spearmanr(x, y).statistic)


def interval(values: Sequence[float]) -> tuple[float, float] | tuple[None, None]:
    """The middle 95% of resampled values; those that are undefined are left out."""
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def episodes_needed(
    scores: Sequence[float],
    ci95: Sequence[float],
    num_episodes: int,
    tau: float,
) -> float | None:
    """How many episodes give a ranking with this Kendall's tau to the true one.

    An interval's half-width is 1.96 standard errors, so the variance `s^2` of one
    episode's accuracy is known; the scores' variance over cells, less that of their
    errors, is that of the true scores, `v`. A score over `m` episodes correlates with
    the true one by `r = sqrt(v / (v + s^2 / m))`, and for normal scores tau is
    `2 / pi * asin(r)`. Errors count as independent; where all cells are scored on the
    same episodes they are not, and fewer episodes do: it is an upper bound.

    Args:
      scores: Of different cells.
      ci95: The half-widths of their intervals.
      num_episodes: How many episodes each is from.
      tau: In (0, 1).

    Returns:
      None where the cells do not differ by more than their errors.
    """
    if len(scores) < 3:
        return None
    error = np.mean(np.square(np.asarray(ci95) / 1.96))
    true_variance = np.var(scores, ddof=1) - error
    if true_variance <= 0:
        return None
    squared = math.sin(math.pi / 2 * tau) ** 2
    return float(num_episodes * error / true_variance * squared / (1 - squared))


def _estimate(
    first: Sequence[float],
    second: Sequence[float],
    statistic: Callable[[np.ndarray, np.ndarray], float],
) -> Estimate:
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if len(x) < 3 or not (np.ptp(x) and np.ptp(y)):
        return Estimate(value=None, low=None, high=None, num_cells=len(x))
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(NUM_RESAMPLES):
        rows = generator.integers(len(x), size=len(x))
        if np.ptp(x[rows]) and np.ptp(y[rows]):
            drawn.append(statistic(x[rows], y[rows]))
    low, high = interval(drawn)
    return Estimate(value=float(statistic(x, y)), low=low, high=high, num_cells=len(x))
