"""The configurations that a search has had, and the stages that each of them chose.

A search may go on with another configuration, such as a larger beam. Its stages are then
chosen as if it had been begun with that, but for those whose choice depends on nothing
that differs: they are never chosen twice. What was chosen before is kept.
"""

import dataclasses
import sqlite3
from collections.abc import Sequence

from autometa_tf.genomes.genome import genome_from_json
from autometa_tf.search.state import Stage
from autometa_tf.search.state_rows import read_stages
from autometa_tf.search.unused_evaluations import set_evaluations_aside
from autometa_tf.search.worker_time import forget_worker_times


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration:
    """What of a search's configuration may change when it goes on.

    Attributes:
      fields: All of that, as text: two are the same when their texts are.
      stages_by: What of it the choice of stages depends on, as text: from the same
        stages and evaluations before, the same choice is made where this is the same.
    """

    fields: str
    stages_by: str


_TABLES = (
    """
CREATE TABLE IF NOT EXISTS configuration (
    number INTEGER PRIMARY KEY,
    fields TEXT NOT NULL,
    stages_by TEXT NOT NULL
) STRICT""",
    "CREATE TABLE IF NOT EXISTS earlier_stage AS "
    "SELECT 0 AS configuration, * FROM stage WHERE FALSE",
    "CREATE TABLE IF NOT EXISTS earlier_candidate AS "
    "SELECT 0 AS configuration, * FROM candidate WHERE FALSE",
)


def current_configuration(connection: sqlite3.Connection) -> str | None:
    """The fields of the configuration that the search has now; None before any."""
    if not _has_tables(connection):
        return None
    row = connection.execute(
        "SELECT fields FROM configuration ORDER BY number DESC"
    ).fetchone()
    return row and row["fields"]


def begin_configuration(
    connection: sqlite3.Connection, configuration: Configuration
) -> None:
    """Makes this the search's configuration; keeps the stages of another as history."""
    current = current_configuration(connection)
    if current == configuration.fields:
        return
    for table in _TABLES:
        connection.execute(table)
    if current is not None:
        number = connection.execute("SELECT MAX(number) FROM configuration")
        (number,) = number.fetchone()
        for name in ("candidate", "stage"):
            connection.execute(
                f"INSERT INTO earlier_{name} SELECT ?, * FROM {name}", (number,)
            )
            connection.execute(f"DELETE FROM {name}")
        connection.execute("DELETE FROM decision")
        forget_worker_times(connection)
        set_evaluations_aside(connection)
    connection.execute(
        "INSERT INTO configuration (fields, stages_by) VALUES (?, ?)",
        (configuration.fields, configuration.stages_by),
    )


def stage_chosen_before(
    connection: sqlite3.Connection, stages: Sequence[Stage]
) -> Stage | None:
    """The stage that an earlier configuration chose after these, by what is so now too.

    A stage that was closed, since its time was over, is open again; what was chosen by
    the scores of part of a stage counts for nothing.
    """
    if not _has_tables(connection) or any(stage.is_closed for stage in stages):
        return None
    earlier = connection.execute(
        "SELECT number FROM configuration WHERE stages_by = (SELECT stages_by FROM "
        "configuration ORDER BY number DESC LIMIT 1) ORDER BY number DESC"
    )
    for (number,) in earlier.fetchall():
        found = _stages_of(connection, number)
        before, after = found[: len(stages)], found[len(stages) :]
        if not after or any(stage.is_closed for stage in before):
            continue
        if [each.genomes for each in before] == [each.genomes for each in stages]:
            return dataclasses.replace(after[0], is_closed=False)
    return None


def read_earlier_stages(connection: sqlite3.Connection) -> list[list[Stage]]:
    """The stages that each earlier configuration had when it was left, oldest first."""
    if not _has_tables(connection):
        return []
    rows = connection.execute("SELECT number FROM configuration ORDER BY number")
    return [_stages_of(connection, number) for (number,) in rows.fetchall()[:-1]]


def _stages_of(connection: sqlite3.Connection, number: int) -> list[Stage]:
    return read_stages(
        connection,
        genome_from_json,
        "SELECT * FROM earlier_stage WHERE configuration = :configuration",
        "SELECT genome, prediction FROM earlier_candidate "
        "WHERE configuration = :configuration AND stage = :stage",
        configuration=number,
    )


def _has_tables(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'configuration'"
    )
    return found.fetchone() is not None
