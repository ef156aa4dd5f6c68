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


def insert_stage(connection: sqlite3.Connection, stage: Stage) -> None:
    """Adds a stage's row, and its candidates', which are in a table of their own."""
    quality = stage.fit_quality
    fields = {
        f"fit_{name}": quality and getattr(quality, name) for name in _QUALITY_FIELDS
    }
    fields |= {
        "number": stage.number,
        "num_expanded": stage.num_expanded,
        "num_distinct": stage.num_distinct,
        "is_closed": int(stage.is_closed),
    }
    insert(connection, "stage", fields)
    predictions = stage.predictions or [None] * len(stage.genomes)
    for genome, prediction in zip(stage.genomes, predictions, strict=True):
        candidate = {"genome": genome_to_json(genome), "prediction": prediction}
        insert(connection, "candidate", candidate | {"stage": stage.number})


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
