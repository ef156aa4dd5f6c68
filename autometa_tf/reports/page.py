"""A report as one HTML file that needs no network: figures to point at, cells to open.

All text from outside is escaped where it is written into the page, or reaches it as JSON
that the page's script shows as text and never as HTML.
"""

import html
import importlib.resources
import json
import os
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.offline

from autometa_tf import __version__
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.plain_text import counted, duration, hours, percent
from autometa_tf.reports.cell_shapes import cell_shapes
from autometa_tf.reports.comparison_report import comparison_rows, differing_settings
from autometa_tf.reports.cost_summary import (
    failure_counts,
    summarize_costs,
)
from autometa_tf.reports.finalists_text import choice_line, ranked_finalists
from autometa_tf.reports.idle_rows import idle_rows
from autometa_tf.reports.page_candidates import table_data, table_html
from autometa_tf.reports.page_figures import comparison_figures, run_figures
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.run_text import (
    best_lines,
    final_accuracy,
    setting_rows,
    status,
)
from autometa_tf.reports.time_left import seconds_left

PAGE_FILE_NAME = "report.html"
COMPARISON_PAGE_FILE_NAME = "comparison.html"

# What each figure shows, in the order of the page.
_TITLES = {
    "scores": "Scores over time",
    "sizes": "Score and parameters",
    "curves": "Learning curves of the best candidates",
    "predictions": "Predicted and measured",
    "depths": "Depths of cells, stage by stage",
    "costs": "Hours of workers",
    "comparison": "Best score so far",
}


def write_run_page(
    record: RunRecord, directory: str, *, refresh_seconds: int | None = None
) -> str:
    """Writes report.html over that of an earlier report, whole or not at all.

    Args:
      record: The run.
      directory: Where to write, made when there is none.
      refresh_seconds: After how many seconds a browser loads it again; None: never.

    Returns:
      The path of the page.

    Raises:
      OSError: It cannot be written.
    """
    figures = run_figures(record)
    data: dict[str, Any] = {"figures": figures} | table_data(record)
    best = record.state.best
    if best:
        data["best"] = cell_shapes(best.genome)
    sections = [
        _facts(record),
        _best(record),
        _figure_cards(figures),
        _candidates(record, data["columns"]),
        _idle(record),
        _finalists(record),
        _failures(record),
        _settings(record),
    ]
    page = _page(
        f"Search {record.name}", _status(record), sections, data, refresh_seconds
    )
    return _write(page, directory, PAGE_FILE_NAME)


def write_comparison_page(records: Sequence[RunRecord], directory: str) -> str:
    """Writes comparison.html: several runs on one page; see `write_run_page`."""
    names = [record.name for record in records]
    figures = comparison_figures(records)
    data = {"figures": figures, "columns": [], "rows": [], "cells": [], "genomes": []}
    sections = [
        _section("Runs", _html_table(["", *names], comparison_rows(records))),
        _figure_cards(figures),
    ]
    differences = [[name, *values] for name, values in differing_settings(records)]
    if differences:
        table = _html_table(["Setting", *names], differences)
        sections.append(_section("Settings that differ", table))
    page = _page("Searches compared", "", sections, data, None)
    return _write(page, directory, COMPARISON_PAGE_FILE_NAME)


def _write(page: str, directory: str, name: str) -> str:
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, name)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(f"{path}.new", path)
    return path


def _page(
    title: str,
    status_text: str,
    sections: Iterable[str],
    data: Mapping[str, Any],
    refresh_seconds: int | None,
) -> str:
    refresh = ""
    if refresh_seconds:
        refresh = f'<meta http-equiv="refresh" content="{refresh_seconds}">\n'
    template = string.Template(_asset("page.html"))
    return template.substitute(
        refresh=refresh,
        title=html.escape(title),
        status=html.escape(status_text),
        sections="\n".join(filter(None, sections)),
        footer=f"Made by autometa_tf {__version__}.",
        css=_asset("page.css"),
        data=_safe_json(data),
        plotly=plotly.offline.get_plotlyjs(),
        script=_asset("page.js"),
    )


def _asset(name: str) -> str:
    folder = importlib.resources.files("autometa_tf.reports")
    return folder.joinpath(name).read_text(encoding="utf-8")


def _safe_json(data: Mapping[str, Any]) -> str:
    """JSON that ends no script element and begins no comment, whatever is in it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _status(record: RunRecord) -> str:
    left = seconds_left(record)
    text = f"Status: {status(record)}"
    return text if left is None else f"{text}; left for the search: {duration(left)}"


def _facts(record: RunRecord) -> str:
    best, costs = record.state.best, summarize_costs(record.all_evaluations)
    facts = [
        (counted(len(record.evaluations), "candidate"), "evaluated"),
        (hours(costs.total_seconds), "of workers"),
    ]
    if record.seconds_spent:
        busy = costs.total_seconds / record.seconds_spent
        facts.append((duration(record.seconds_spent), "of search, pauses left out"))
        facts.append((f"{busy:.2f}", "workers at work on average"))
    if best:
        facts.insert(0, (percent(best.score, best.score_ci95), "best score"))
    if record.summary:
        score = record.summary.accuracy
        words = f"{score.split} accuracy, transductive"
        facts.insert(0, (final_accuracy(score.transductive), words))
    items = "".join(
        f"<li><b>{html.escape(value)}</b><span>{html.escape(words)}</span></li>"
        for value, words in facts
    )
    return f'<ul class="facts">{items}</ul>'


def _best(record: RunRecord) -> str:
    if not record.state.best:
        return _section("Best cell", "<p>No candidate has a score yet.</p>")
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in best_lines(record))
    genome = html.escape(genome_to_json(record.state.best.genome))
    return _section(
        "Best cell",
        f'<div class="grid"><section class="card"><div id="best-drawing"></div></section>'
        f'<section class="card">{lines}<pre>{genome}</pre></section></div>',
    )


def _figure_cards(figures: Mapping[str, Any]) -> str:
    cards = "".join(
        f'<section class="card"><h2>{title}</h2>'
        f'<div class="plot" id="figure-{name}"></div></section>'
        for name, title in _TITLES.items()
        if name in figures
    )
    return f'<section class="grid">{cards}</section>' if cards else ""


def _candidates(record: RunRecord, columns: Sequence[Mapping[str, str]]) -> str:
    if not record.evaluations:
        return ""
    return _section("Candidates", table_html(record, columns))


def _idle(record: RunRecord) -> str:
    rows = idle_rows(record)
    return (
        _section("Idle workers", _html_table(["What", "How much"], rows))
        if rows
        else ""
    )


def _finalists(record: RunRecord) -> str:
    ranked = ranked_finalists(record.state)
    if not ranked:
        return ""
    rows = [
        [str(place), percent(each.score, each.score_ci95), str(each.genome)]
        for place, each in enumerate(ranked, start=1)
    ]
    line = f"<p>{html.escape(choice_line(ranked))}.</p>" if len(ranked) > 1 else ""
    table = _html_table(["Place", "Score as a finalist", "Cell"], rows)
    return _section("Finalists", line + table)


def _failures(record: RunRecord) -> str:
    rows = [[f"{count:,}", why] for why, count in failure_counts(record.evaluations)]
    return _section("Failures", _html_table(["Times", "Reason"], rows)) if rows else ""


def _settings(record: RunRecord) -> str:
    rows = [
        ("command", record.command),
        *record.versions.items(),
        *setting_rows(record.experiment.to_json()),
    ]
    table = _html_table(["What", "Value"], rows)
    return _section(
        "Settings", f"<details><summary>All of them</summary>{table}</details>"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{content}</section>"


def _html_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header)
    body = "".join(
        "<tr>"
        + "".join(f'<td class="text">{html.escape(str(value))}</td>' for value in row)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
