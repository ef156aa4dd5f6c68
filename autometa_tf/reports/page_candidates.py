"""The page's table of all candidates: its rows, its head and the cells to open."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.reports.cell_shapes import cell_shapes
from autometa_tf.reports.run_record import RunRecord

# The table's columns, and how the page shows their values.
_COLUMNS = (
    ("Cell", "text"),
    ("Stage", "number"),
    ("Blocks", "number"),
    ("Depth", "number"),
    ("Score", "percent"),
    ("±", "percent"),
    ("Non-transductive", "percent"),
    ("Predicted", "percent"),
    ("As finalist", "percent"),
    ("Parameters", "number"),
    ("Seconds", "number"),
    ("Iterations", "number"),
    ("Failure", "text"),
)


def table_data(record: RunRecord) -> dict[str, Any]:
    """The rows of the table, and the cell of each to open."""
    found = sorted(record.evaluations, key=lambda each: each.genome)
    rows = list(_rows(record, found))
    # Most runs have no failures, and many no finalists.
    used = [
        i for i in range(len(_COLUMNS)) if any(row[i] or row[i] == 0 for row in rows)
    ]
    return {
        "columns": [
            dict(zip(("name", "kind"), _COLUMNS[i], strict=True)) for i in used
        ],
        "rows": [[row[i] for i in used] for row in rows],
        "cells": [cell_shapes(each.genome) for each in found],
        "genomes": [genome_to_json(each.genome) for each in found],
    }


def _rows(record: RunRecord, found: Sequence[Evaluation]) -> Iterable[list[Any]]:
    chosen = {}
    for stage in record.state.stages:
        predictions = stage.predictions or [None] * len(stage.genomes)
        for genome, prediction in zip(stage.genomes, predictions, strict=True):
            chosen[genome] = stage.number, prediction
    for each in found:
        genome = each.genome
        number, prediction = chosen[genome]
        finalist = record.state.finalists.get(genome)
        curve = record.state.curve(genome)
        yield [
            str(genome),
            number,
            genome.num_blocks,
            genome.depth,
            _rounded(each.score),
            _rounded(each.score_ci95),
            _rounded(each.non_transductive_score),
            _rounded(prediction),
            _rounded(finalist and finalist.score),
            each.num_parameters,
            round(sum(found.seconds for found in curve), 1),
            each.key.rung,
            each.failure,
        ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def table_html(record: RunRecord, columns: Sequence[Mapping[str, str]]) -> str:
    """The table's head and what filters it; the page's script adds its rows.

    Args:
      record: The run.
      columns: Those of `table_data`.
    """
    heads = "".join(
        f'<th scope="col"{"" if each["kind"] == "text" else " class=number"}>'
        f"<button>{each['name']}</button></th>"
        for each in columns
    )
    options = "".join(
        f'<option value="{stage.number}">stage {stage.number}</option>'
        for stage in record.state.stages
    )
    return (
        '<div class="filters"><input type="search" id="filter-text" '
        'placeholder="Words to look for, such as conv3x3" aria-label="Words to look for">'
        f'<select id="filter-stage" aria-label="Stage"><option value="">all stages</option>'
        f'{options}</select><span id="shown" role="status"></span></div>'
        '<div id="candidates" tabindex="-1"><table><thead><tr>'
        f"{heads}</tr></thead><tbody></tbody></table></div>"
    )
