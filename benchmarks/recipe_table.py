"""Paired differences between recipes, their intervals, and the table of them.

Rows with one seed are scored on the same episodes, so that a difference is taken episode
by episode. For each seed it has a standard error over episodes. But two seeds are two
trainings, which differ by more than their episodes: the standard error of the mean over
seeds is the largest of

- that of the episodes,
- that of the seeds: the deviation of the row's differences, by the root of their number,
- the same of all rows, pooled: two seeds of one row may agree by chance.

An interval is 1.96 of it to each side. With two seeds this is the least it can be.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.markdown import markdown_table

# What is told of a row, by the shots and the column of the accuracies.
MEASURES = {
    "5-shot transductive": (5, 0),
    "5-shot": (5, 1),
    "1-shot transductive": (1, 0),
    "1-shot": (1, 1),
}
_FACTOR_95 = 1.96


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """A row's mean paired difference from its reference, in points (1/100).

    Attributes:
      mean: Over the seeds.
      ci95: Half of the width of the interval.
      by_seed: For each seed the mean over its episodes.
      ci95_by_seed: For each seed 1.96 standard errors over its episodes.
    """

    mean: float
    ci95: float
    by_seed: tuple[float, ...]
    ci95_by_seed: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """ "helps", "hurts", or "unclear" where the interval has 0."""
        if abs(self.mean) <= self.ci95:
            return "unclear"
        return "helps" if self.mean > 0 else "hurts"


def differences(
    pairs: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]],
) -> dict[str, Difference]:
    """The differences of all rows in one measure.

    Args:
      pairs: For each row, seed by seed, the accuracies `[episodes]` of the row and of
        its reference, in [0, 1] and on the same episodes. At least one seed each.
    """
    points = {
        row: [100 * (ours - reference) for ours, reference in seeds]
        for row, seeds in pairs.items()
    }
    means = {row: np.array([d.mean() for d in seeds]) for row, seeds in points.items()}
    variances = [m.var(ddof=1) for m in means.values() if len(m) > 1]
    pooled = float(np.mean(variances)) if variances else 0.0
    return {row: _difference(points[row], means[row], pooled) for row in points}


def _difference(
    points: Sequence[np.ndarray], means: np.ndarray, pooled: float
) -> Difference:
    errors = np.array([d.std(ddof=1) / math.sqrt(len(d)) for d in points])
    number = len(means)
    own = float(means.var(ddof=1)) if number > 1 else 0.0
    of_episodes = math.sqrt(np.sum(errors**2)) / number
    error = max(of_episodes, math.sqrt(max(own, pooled) / number))
    return Difference(
        mean=float(means.mean()),
        ci95=_FACTOR_95 * error,
        by_seed=tuple(means.tolist()),
        ci95_by_seed=tuple((_FACTOR_95 * errors).tolist()),
    )


def differences_json(found: Mapping[str, Difference]) -> dict[str, Any]:
    """What table.json has of a measure's differences, row by row."""
    return {
        row: dataclasses.asdict(each) | {"verdict": each.verdict}
        for row, each in found.items()
    }


def markdown(table: Mapping[str, Any]) -> str:
    """The table of table.json's content, for people.

    Args:
      table: Its `rows` have for each row `reference` and `seeds`, and these for each
        seed the `scores` by measure, in [0, 1]; `differences` has `differences_json` by
        measure.
    """
    columns = ["row", "compared with", "seeds"]
    for measure in MEASURES:
        columns += [measure, "difference"]
    lines = []
    for name, row in table["rows"].items():
        line = [name, row["reference"] or "–", str(len(row["seeds"]))]
        for measure in MEASURES:
            scores = [seed["scores"][measure] for seed in row["seeds"].values()]
            line.append(f"{100 * np.mean(scores):.1f}" if scores else "unfinished")
            line.append(_cell(table["differences"][measure].get(name)))
        lines.append(line)
    return markdown_table(columns, lines)


def _cell(difference: Mapping[str, Any] | None) -> str:
    if difference is None:
        return "–"
    mean, ci95 = difference["mean"], difference["ci95"]
    return f"{mean:+.1f}±{ci95:.1f} {difference['verdict']}"
