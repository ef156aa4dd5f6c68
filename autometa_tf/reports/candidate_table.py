"""All evaluations of a run as one table, for whoever wants to analyse a search."""

import csv
import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.reports.run_record import RunRecord, read_run
from autometa_tf.search.exploration import drawn_at_random

_RESULTS = [
    field.name
    for field in dataclasses.fields(Evaluation)
    if field.name not in ("genome", "key", "learner", "failure")
]

# What each column holds, in the order of the columns.
COLUMNS: Mapping[str, str] = {
    "genome": "The cell, as genome.json has it.",
    "num_blocks": "Its number of blocks.",
    "depth": "The number of blocks on the longest path through it.",
    "stage": "The stage that chose it.",
    "prediction": "Its predicted score at the first rung; empty where nothing was predicted.",
    "explored": "1 where `exploration` drew it at random, against the predictor; else 0.",
    "finalist": "1 where it was trained once more, to choose the winner; else 0.",
    **{field.name: "" for field in dataclasses.fields(EvaluationKey)},
    **dict.fromkeys(_RESULTS, ""),
    "failure": "Why it has no score; empty where it has one.",
}


def candidate_rows(run_dir: str | os.PathLike) -> list[dict[str, Any]]:
    """All evaluations of a search, finished or not, oldest first, as plain values.

    `pandas.DataFrame(am.candidate_rows(run_dir))` is a data frame of them. A candidate
    has one row for each rung it has reached, that is, its learning curve, and a finalist
    one more. The columns are those of `COLUMNS`; of the ones without a text there,
    `EvaluationKey` and `Evaluation` tell. What is missing is None.

    Args:
      run_dir: The run directory of the search.

    Raises:
      ValueError: It holds no search, or a damaged one.
    """
    return rows_of(read_run(run_dir))


def rows_of(record: RunRecord) -> list[dict[str, Any]]:
    """The rows of a run that was read."""
    chosen: dict[Genome, dict[str, Any]] = {}
    for stage in record.state.stages:
        predictions = stage.predictions or [None] * len(stage.genomes)
        explored = set(drawn_at_random(stage, record.experiment.search))
        for genome, prediction in zip(stage.genomes, predictions, strict=True):
            chosen[genome] = {
                "stage": stage.number,
                "prediction": prediction,
                "explored": int(genome in explored),
            }
    return [
        _row(record, found, chosen[found.genome]) for found in record.all_evaluations
    ]


def _row(
    record: RunRecord, found: Evaluation, chosen: Mapping[str, Any]
) -> dict[str, Any]:
    genome = found.genome
    return {
        "genome": genome_to_json(genome),
        "num_blocks": genome.num_blocks,
        "depth": genome.depth,
        **chosen,
        "finalist": int(found == record.state.finalists.get(genome)),
        **dataclasses.asdict(found.key),
        **{name: getattr(found, name) for name in _RESULTS},
        "failure": found.failure,
    }


def write_candidate_table(record: RunRecord, path: str) -> None:
    """Writes the rows as CSV, with one line of column names."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows_of(record))
