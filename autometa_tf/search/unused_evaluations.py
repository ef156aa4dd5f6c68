"""Evaluations of an earlier configuration, which the one of now may come to need.

They stay in the table of all evaluations, and a table of their own says that the search
does not use them as yet. So a grown search sees what one would that was begun as it is
now, and trains nothing twice. A store of a search that never grew need not have it.
"""

import sqlite3
from collections.abc import Iterable

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_from_json
from autometa_tf.search.store_rows import (
    IS_OF_GENOME_AND_KEY,
    KEY_COLUMNS,
    evaluation_of,
    named,
)

_COLUMNS = ", ".join(["genome", *KEY_COLUMNS])

_TABLE = f"""
CREATE TABLE IF NOT EXISTS unused_evaluation (
    genome TEXT NOT NULL,
    seed INTEGER NOT NULL,
    outer_iterations INTEGER NOT NULL,
    rung INTEGER NOT NULL,
    num_episodes INTEGER NOT NULL,
    PRIMARY KEY ({_COLUMNS})
) STRICT
"""


def set_evaluations_aside(connection: sqlite3.Connection) -> None:
    """None of the evaluations is used from now on, until one is taken up again."""
    connection.execute(_TABLE)
    connection.execute(
        f"INSERT OR IGNORE INTO unused_evaluation SELECT {_COLUMNS} FROM evaluation"
    )


def is_used(connection: sqlite3.Connection) -> str:
    """The condition, in SQL, that a row of the table of evaluations is in use."""
    if not _has_table(connection):
        return "TRUE"
    return f"({_COLUMNS}) NOT IN (SELECT {_COLUMNS} FROM unused_evaluation)"


def has_unused(connection: sqlite3.Connection) -> bool:
    """Whether there is any evaluation to take up."""
    if not _has_table(connection):
        return False
    found = connection.execute("SELECT 1 FROM unused_evaluation LIMIT 1")
    return found.fetchone() is not None


def take_up(
    connection: sqlite3.Connection, needed: Iterable[tuple[Genome, EvaluationKey]]
) -> list[Evaluation]:
    """Uses those of the evaluations that are needed, and returns them."""
    found = []
    for genome, key in needed:
        of_key = named(genome, key)
        taken = connection.execute(
            f"DELETE FROM unused_evaluation WHERE {IS_OF_GENOME_AND_KEY}", of_key
        )
        if taken.rowcount:
            row = connection.execute(
                f"SELECT * FROM evaluation WHERE {IS_OF_GENOME_AND_KEY}", of_key
            ).fetchone()
            found.append(evaluation_of(row, genome_from_json))
    return found


def _has_table(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'unused_evaluation'"
    )
    return found.fetchone() is not None
