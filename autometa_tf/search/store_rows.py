"""Stages and evaluations as rows of the store's tables, and back."""

import dataclasses
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.state import Stage

KEY_COLUMNS = [field.name for field in dataclasses.fields(EvaluationKey)]
# Conditions in SQL, on the values of `dataclasses.asdict(key)` and of `named`.
IS_OF_KEY = " AND ".join(f"{name} = :{name}" for name in KEY_COLUMNS)
IS_OF_GENOME_AND_KEY = f"genome = :genome AND {IS_OF_KEY}"
# What is kept of an evaluation in its table, beside its key; a learner has its own.
RESULT_COLUMNS = [
    field.name
    for field in dataclasses.fields(Evaluation)
    if field.name not in ("genome", "key", "learner")
]
_QUALITY_FIELDS = [field.name for field in dataclasses.fields(RankingQuality)]


def insert(
    connection: sqlite3.Connection, table: str, values: Mapping[str, Any]
) -> None:
    """Adds a row with these values, by the names of columns."""
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) "
        f"VALUES ({', '.join(f':{name}' for name in values)})",
        values,
    )


def named(genome: Genome, key: EvaluationKey) -> dict[str, Any]:
    """Genome and key as columns have them."""
    return {"genome": genome_to_json(genome)} | dataclasses.asdict(key)


def results_of(evaluation: Evaluation) -> dict[str, Any]:
    """The other columns of an evaluation."""
    return {name: getattr(evaluation, name) for name in RESULT_COLUMNS}


def evaluation_of(row: sqlite3.Row, read_genome: Callable[[str], Genome]) -> Evaluation:
    """The evaluation of a row."""
    return Evaluation(
        genome=read_genome(row["genome"]),
        key=EvaluationKey(**{name: row[name] for name in KEY_COLUMNS}),
        **{name: row[name] for name in RESULT_COLUMNS},
    )


def stage_row(stage: Stage) -> dict[str, Any]:
    """The columns of a stage, whose candidates are in a table of their own."""
    quality = stage.fit_quality
    return {
        "number": stage.number,
        "num_expanded": stage.num_expanded,
        "num_distinct": stage.num_distinct,
        "is_closed": int(stage.is_closed),
    } | {f"fit_{name}": quality and getattr(quality, name) for name in _QUALITY_FIELDS}


def stage_of(
    row: sqlite3.Row,
    candidates: Iterable[tuple[str, float | None]],
    read_genome: Callable[[str], Genome],
) -> Stage:
    """The stage of a row, and of its candidates' genomes and predictions."""
    found = {read_genome(genome): value for genome, value in candidates}
    genomes = tuple(sorted(found))
    predictions = tuple(found[genome] for genome in genomes)
    quality = {name: row[f"fit_{name}"] for name in _QUALITY_FIELDS}
    was_fitted = quality["num_genomes"] is not None
    return Stage(
        number=row["number"],
        genomes=genomes,
        predictions=None if set(predictions) == {None} else predictions,
        num_expanded=row["num_expanded"],
        num_distinct=row["num_distinct"],
        fit_quality=RankingQuality(**quality) if was_fitted else None,
        is_closed=bool(row["is_closed"]),
    )
