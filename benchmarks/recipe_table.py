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
from benchmarks.recipe_rows import Row

# What is told of a row, by the shots and the column of the accuracies.
MEASURES = {
    "5-shot transductive": (5, 0),
    "5-shot": (5, 1),
    "1-shot transductive": (1, 0),
    "1-shot": (1, 1),
}
_FACTOR_95 = 1.96

# A row's results by seed: what `recipe_runs.measure` returns.
Results = Mapping[str, Mapping[str, Any]]


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


def make_table(
    rows: Mapping[str, Row], results: Mapping[str, Results]
) -> dict[str, Any]:
    """What table.json has: all rows with the seeds that have ended, and differences.

    Args:
      rows: By name.
      results: By the rows' names; rows and seeds that have not ended may be missing.
    """
    return {
        "rows": {
            name: {
                "reference": row.reference,
                "fields": dict(row.fields),
                "seeds": {
                    seed: _told(result)
                    for seed, result in sorted(results.get(name, {}).items())
                },
            }
            for name, row in rows.items()
        },
        "differences": {
            measure: {
                name: dataclasses.asdict(each) | {"verdict": each.verdict}
                for name, each in differences(_pairs(rows, results, measure)).items()
            }
            for measure in MEASURES
        },
    }


def _pairs(
    rows: Mapping[str, Row], results: Mapping[str, Results], measure: str
) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    found = {}
    for name, row in rows.items():
        ours, references = results.get(name, {}), results.get(row.reference, {})
        if seeds := sorted(set(ours) & set(references)):
            found[name] = [
                (
                    _accuracies(ours[seed], measure),
                    _accuracies(references[seed], measure),
                )
                for seed in seeds
            ]
    return found


def _accuracies(result: Mapping[str, Any], measure: str) -> np.ndarray:
    shots, column = MEASURES[measure]
    return np.array(result["scores"][str(shots)]["accuracies"])[:, column]


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result, but for each episode's accuracy, which the run's folder has."""
    by_shots = result["scores"]
    return dict(result) | {
        "scores": {
            measure: float(_accuracies(result, measure).mean()) for measure in MEASURES
        },
        "test_learning_rates": {
            shots: each["learning_rate"] for shots, each in by_shots.items()
        },
        "choosing": {shots: each["choosing"] for shots, each in by_shots.items()},
        "num_episodes": len(_accuracies(result, "5-shot")),
    }


def markdown(table: Mapping[str, Any]) -> str:
    """The content of table.json as two tables for people.

    The first has mean accuracies in percent and differences in points; the second has,
    seed by seed, the learning rates chosen for scoring and the CPU time of training.
    """
    rows = table["rows"]
    most = max(len(row["seeds"]) for row in rows.values())
    results, trainings = [], []
    for name, row in rows.items():
        seeds = list(row["seeds"].values())
        ended = f"{len(seeds)} of {most}" if len(seeds) < most else str(most)
        cells = [_cell(table, name, measure) for measure in MEASURES]
        results.append([name, row["reference"] or "–", ended, *cells])
        rates = [
            ", ".join(f"{each['test_learning_rates'][shots]:g}" for each in seeds)
            for shots in ("5", "1")
        ]
        seconds = ", ".join(f"{each['cpu_seconds']['training']:.0f}" for each in seeds)
        trainings.append([name, *rates, seconds])
    return "\n\n".join(
        (
            markdown_table(["row", "compared with", "seeds", *MEASURES], results),
            markdown_table(
                ["row", "rate, 5-shot", "rate, 1-shot", "training, CPU s"], trainings
            ),
        )
    )


def _cell(table: Mapping[str, Any], name: str, measure: str) -> str:
    """ "54.3, +1.2±0.9 helps"."""
    seeds = table["rows"][name]["seeds"].values()
    if not seeds:
        return "unfinished"
    text = f"{100 * np.mean([seed['scores'][measure] for seed in seeds]):.1f}"
    difference = table["differences"][measure].get(name)
    if difference is None:
        return text
    verdict = difference["verdict"]
    if verdict != "unclear":
        verdict = f"**{verdict}**"
    return f"{text}, {difference['mean']:+.1f}±{difference['ci95']:.1f} {verdict}"
