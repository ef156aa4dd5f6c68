"""What the bank tells, as a page of tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.markdown import markdown_table

_NUM_SCHEDULES = 5
_HEAD = """# What the bank of candidates tells

Made by `bazel run //benchmarks:predictors` from bank.csv with {num_cells} cells. Intervals are 95% bootstrap intervals over cells; with few cells
they are wide, and a difference smaller than they are is none. What is chosen was chosen on the tuning part.
"""
_ANYTIME = """## Early scores

Kendall's tau of the ranking after some outer iterations with that after more (seed 0; both parts, since nothing is chosen by it).
"""
_EPISODES = """How many scoring episodes give a ranking with tau {tau_wanted} to the true ranking of the same trained cells, by the scores' own intervals of 100
episodes. Errors count as independent; cells are scored on the same episodes, so that it is an upper bound.
"""
_HALVING = """## Halving

Cells are drawn from those trained to the end, as many as a schedule can pay for with the same number of outer iterations. *Regret* is the full
score of the best cell there is less that of the chosen one, in points; *lost* the same against the cells it began with, which is what halving itself loses.
For each budget: the best schedules of the tuning part, and full training of randomly chosen cells at the same cost.
"""
_PREDICTORS = """## Predictors

Spearman's rank correlation of predictions with the scores of cells that were held out. *By blocks* is PNAS's way: fitted on cells of fewer blocks,
cells with one more are ranked among themselves. In the test part all were fitted on tuning cells alone. *Best quarter* is the share of the true
best quarter among the predicted one. Intervals are over held-out cells; those of random divisions are too narrow, since the divisions overlap.
"""
_CEILING = """The ceiling of all predictors: the rank correlation of two seeds of the same cells. A perfect predictor of a cell's mean score would reach about
the square root of it.
"""
_SEARCHES = """## What searches taught the predictor

The features predictor is fitted on the scores at the first rung of a search's first stages, and ranks the bank's cells of several blocks, which were drawn
at random (both parts). Spearman's correlation with their scores after so many outer iterations.
"""


def report(result: Mapping[str, Any]) -> str:
    """The page, in Markdown.

    Args:
      result: What predictors.json has.
    """
    parts = [
        _HEAD.format(**result),
        _ANYTIME,
        markdown_table(
            ["after", "against", "tau", "cells"],
            [
                [
                    f"{each['rung']:,}",
                    f"{each['full']:,}",
                    _estimate(each),
                    _cells(each),
                ]
                for each in result["anytime"]
            ],
        ),
        _EPISODES.format(**result),
        markdown_table(
            ["after", "standard deviation of cells", "interval", "episodes", "cells"],
            map(_episodes_row, result["episodes"]),
        ),
        _HALVING,
        markdown_table(
            ["budget", "rungs", "factor", "begins with", "tuning: regret", "lost"]
            + ["test: regret", "lost"],
            _halving_rows(result["halving"]),
        ),
        _pools(result["halving"]),
        _PREDICTORS,
        markdown_table(
            ["after", "predictor", "division", "Spearman", "Kendall", "best quarter"]
            + ["held out"],
            map(_prediction_row, result["predictions"]),
        ),
        _CEILING,
        markdown_table(
            ["after", "Spearman of two seeds", "cells"],
            [
                [f"{each['rung']:,}", _estimate(each), _cells(each)]
                for each in result["ceilings"]
            ],
        ),
    ]
    if result["searches"]:
        header = ["search", "fitted on", "cells"]
        rungs = sorted({each["rung"] for each in result["searches"]})
        header += [f"after {rung:,}" for rung in rungs]
        parts += [_SEARCHES, markdown_table(header, _lesson_rows(result["searches"]))]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _lesson_rows(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    rows: dict[tuple[str, int, int], list[str]] = {}
    for each in found:
        row = rows.setdefault((each["search"], each["stages"], each["fitted"]), [])
        estimate = _interval(each["spearman"], each["low"], each["high"])
        row.append(f"{estimate}, {each['held_out']} cells")
    return [
        [search, f"stage{'s 1 to' * (stages > 1)} {stages}", str(fitted), *cells]
        for (search, stages, fitted), cells in rows.items()
    ]


def _episodes_row(each: Mapping[str, Any]) -> list[str]:
    return [
        f"{each['rung']:,}",
        _points(each["spread"]),
        "±" + _points(each["mean_ci95"]),
        _number(each["episodes_needed"], ",.0f"),
        _cells(each),
    ]


def _halving_rows(halving: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    rows = []
    for budget in sorted({each["budget"] for each in halving}):
        of_budget = [each for each in halving if each["budget"] == budget]
        full = [e for e in of_budget if len(e["tuning"]["schedule"]["rungs"]) == 1]
        best = [each for each in of_budget if each not in full][:_NUM_SCHEDULES]
        for each in best + full:
            schedule = each["tuning"]["schedule"]
            is_full = len(schedule["rungs"]) == 1
            rungs = ", ".join(f"{rung:,}" for rung in schedule["rungs"])
            rows.append(
                [
                    f"{budget:,}",
                    "all in full" if is_full else rungs,
                    "–" if is_full else str(schedule["factor"]),
                    str(each["tuning"]["num_cells"]),
                    *_regret(each["tuning"]),
                    *_regret(each.get("test")),
                ]
            )
    return rows


def _pools(halving: Sequence[Mapping[str, Any]]) -> str:
    if not halving:
        return "There are too few cells that were trained to the end."
    pools = [
        f"{halving[0][part]['pool']} of the {part} part" for part in _parts(halving)
    ]
    return f"Cells that were trained to the end: {' and '.join(pools)}."


def _parts(halving: Sequence[Mapping[str, Any]]) -> list[str]:
    return [part for part in ("tuning", "test") if part in halving[0]]


def _regret(each: Mapping[str, Any] | None) -> list[str]:
    if each is None:
        return ["–", "–"]
    low, high = _points(each["low"]), _points(each["high"])
    return [f"{_points(each['mean'])} ({low} to {high})", _points(each["lost"])]


def _prediction_row(each: Mapping[str, Any]) -> list[str]:
    return [
        f"{each['rung']:,}",
        each["predictor"],
        each["division"],
        _interval(each["spearman"], each["low"], each["high"]),
        _number(each["kendall"]),
        _number(each["precision"]),
        f"{each['num_held_out']} in {each['num_divisions']}",
    ]


def _estimate(each: Mapping[str, Any]) -> str:
    return _interval(each["value"], each["low"], each["high"])


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    return f"{_number(value)} ({_number(low)} to {_number(high)})"


def _cells(each: Mapping[str, Any]) -> str:
    return str(each["num_cells"])


def _points(value: float | None) -> str:
    return _number(None if value is None else 100 * value, ".1f")


def _number(value: float | None, form: str = ".2f") -> str:
    return "–" if value is None else format(value, form)
