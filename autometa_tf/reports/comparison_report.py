"""Several runs side by side, such as PNAS and a random search of equal budget."""

import json
import os
import statistics
from collections.abc import Sequence

from autometa_tf.learners.score import Score
from autometa_tf.plain_text import MISSING, hours, one_line, percent
from autometa_tf.reports.comparison_figure import draw_comparison
from autometa_tf.reports.cost_summary import summarize_costs
from autometa_tf.reports.figure_style import figure_style, save_figure
from autometa_tf.reports.markdown import escape, image, table
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.run_text import final_accuracy, status
from autometa_tf.search.config_differences import flat_fields

COMPARISON_FILE_NAME = "comparison.md"
_NUM_BEST = 10


def write_comparison(records: Sequence[RunRecord], directory: str) -> str:
    """Writes `comparison.md` and its figure, over those of an earlier comparison.

    Args:
      records: At least two runs.
      directory: Where to write, made when there is none.

    Returns:
      The path of `comparison.md`.

    Raises:
      OSError: It cannot be written.
    """
    os.makedirs(directory, exist_ok=True)
    names = [escape(record.name) for record in records]
    rows = comparison_rows(records)
    align = "l" + "r" * len(records)
    sections = ["# Searches compared", table(["", *names], rows, align)]
    if any(record.state.best for record in records):
        with figure_style():
            figure = draw_comparison(records)
            width = save_figure(figure, directory, "comparison.png")
        sections.append(image("Best scores so far", "comparison.png", width))
    differences = [
        [escape(name), *map(escape, values)]
        for name, values in differing_settings(records)
    ]
    if differences:
        header = ["Setting", *names]
        align = "l" * len(header)
        sections += ["## Settings that differ", table(header, differences, align)]
    path = os.path.join(directory, COMPARISON_FILE_NAME)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(sections) + "\n")
    return path


def comparison_rows(records: Sequence[RunRecord]) -> list[list[str]]:
    """What is compared: each row a name, and a value for each run."""
    columns = [_column(record) for record in records]
    return [[name, *(column[name] for column in columns)] for name in columns[0]]


def comparison_lines(records: Sequence[RunRecord]) -> list[str]:
    """The comparison for a terminal: a row for each thing compared, a column a run."""
    rows = [
        ["", *(one_line(record.name) for record in records)],
        *comparison_rows(records),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [
                cell.rjust(width)
                for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
        ).rstrip()
        for row in rows
    ]


def differing_settings(records: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    """Fields of the configurations that are not the same in all, with their values."""
    fields = [dict(flat_fields(record.experiment.to_json())) for record in records]
    names = sorted(set().union(*fields))
    found = []
    for name in names:
        values = [
            json.dumps(each[name]) if name in each else MISSING for each in fields
        ]
        if len(set(values)) > 1:
            found.append((name, values))
    return found


def _column(record: RunRecord) -> dict[str, str]:
    scores = sorted((found.score for found in record.state.successes), reverse=True)
    best = record.best_candidate
    test = record.summary and record.summary.test_accuracy
    costs = summarize_costs(record.all_evaluations)
    num_failures = len(record.evaluations) - len(scores)
    return {
        "Status": status(record).partition(":")[0],
        "Search strategy": record.experiment.search.search_strategy,
        "Candidates": f"{len(record.evaluations):,}",
        "Failed": f"{num_failures:,}",
        "Candidate hours": hours(costs.total_seconds),
        "Best score": percent(best.score, best.score_ci95) if best else MISSING,
        f"Mean of the {_NUM_BEST} best": percent(_mean(scores[:_NUM_BEST])),
        "Median score": percent(statistics.median(scores) if scores else None),
        "Parameters of the best": f"{best.num_parameters:,}" if best else MISSING,
        "Test, transductive": _test(test and test.transductive),
        "Test, non-transductive": _test(test and test.non_transductive),
    }


def _mean(scores: list[float]) -> float | None:
    return statistics.fmean(scores) if scores else None


def _test(score: Score | None) -> str:
    return final_accuracy(score) if score else MISSING
