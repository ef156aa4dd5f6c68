"""Reads a search's state from the tables of its store."""

import dataclasses
import functools
import sqlite3
from collections.abc import Callable
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_from_json
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store_rows import IS_OF_KEY, evaluation_of, stage_of
from autometa_tf.search.unused_evaluations import is_used

# The decision how many candidates are trained once more, to choose the winner.
NUM_FINALISTS = "num_finalists"

_ReadGenome = Callable[[str], Genome]


def read_state(connection: sqlite3.Connection, plan: EvaluationPlan) -> SearchState:
    """The stages, and the evaluations that the plan is about, as the search uses them."""
    # A genome is read once, though it is a candidate and has an evaluation.
    read_genome = functools.cache(genome_from_json)
    curves: dict[Genome, list[Evaluation]] = {}
    for key in plan.keys:
        for found in _read_of_key(connection, key, read_genome):
            curves.setdefault(found.genome, []).append(found)
    finalists = (
        _read_of_key(connection, plan.finalist_key, read_genome)
        if plan.finalist_key
        else ()
    )
    return SearchState(
        stages=tuple(read_stages(connection, read_genome)),
        evaluations={genome: curve[-1] for genome, curve in curves.items()},
        earlier={
            genome: tuple(curve[:-1])
            for genome, curve in curves.items()
            if len(curve) > 1
        },
        finalists={found.genome: found for found in finalists},
        num_finalists=decided(connection, NUM_FINALISTS),
    )


def decided(connection: sqlite3.Connection, name: str) -> int | None:
    """What was decided; None before that."""
    row = connection.execute(
        "SELECT value FROM decision WHERE name = ?", (name,)
    ).fetchone()
    return row and row["value"]


def read_stages(
    connection: sqlite3.Connection,
    read_genome: _ReadGenome,
    stages: str = "SELECT * FROM stage",
    candidates: str = "SELECT genome, prediction FROM candidate WHERE stage = :stage",
    **values: Any,
) -> list[Stage]:
    """The stages, in order.

    Args:
      connection: To the store.
      read_genome: Makes a genome of its text.
      stages: The query for them.
      candidates: The query for the genomes and predictions of stage `:stage`.
      **values: What else the queries name.
    """
    rows = connection.execute(f"{stages} ORDER BY number", values).fetchall()
    return [
        stage_of(
            row,
            connection.execute(candidates, values | {"stage": row["number"]}),
            read_genome,
        )
        for row in rows
    ]


def _read_of_key(
    connection: sqlite3.Connection, key: EvaluationKey, read_genome: _ReadGenome
) -> list[Evaluation]:
    rows = connection.execute(
        f"SELECT * FROM evaluation WHERE {IS_OF_KEY} AND {is_used(connection)}",
        dataclasses.asdict(key),
    )
    return [evaluation_of(row, read_genome) for row in rows]
