"""How long workers were there, and how long they were at work, stage by stage.

It is kept as it passes, since evaluations that a search took over, or that a killed
sitting lost, do not tell. A store of an earlier version need not have it.
"""

import dataclasses
import sqlite3

# The stage of finalists, which has no number.
FINALISTS = 0

_TABLE = """
CREATE TABLE IF NOT EXISTS worker_time (
    stage INTEGER PRIMARY KEY,
    wall_seconds REAL NOT NULL,
    worker_seconds REAL NOT NULL,
    busy_seconds REAL NOT NULL
) STRICT
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkerTime:
    """The time of a stage's workers.

    Attributes:
      stage: The stage's number; `FINALISTS` for these.
      wall_seconds: The seconds from its begin to its last evaluation, in all sittings.
      worker_seconds: The same times the number of workers.
      busy_seconds: Of that, the seconds in which they built, trained and scored. Their
        start, and what became of candidates that failed, do not count as such.
    """

    stage: int
    wall_seconds: float
    worker_seconds: float
    busy_seconds: float

    @property
    def idle_share(self) -> float:
        """The share of their time in which workers were idle, in [0, 1]."""
        if not self.worker_seconds:
            return 0.0
        return max(0.0, 1 - self.busy_seconds / self.worker_seconds)


def add_worker_time(connection: sqlite3.Connection, more: WorkerTime) -> None:
    """Adds time to that of its stage."""
    connection.execute(_TABLE)
    connection.execute(
        "INSERT INTO worker_time VALUES "
        "(:stage, :wall_seconds, :worker_seconds, :busy_seconds) "
        "ON CONFLICT (stage) DO UPDATE SET "
        "wall_seconds = wall_seconds + excluded.wall_seconds, "
        "worker_seconds = worker_seconds + excluded.worker_seconds, "
        "busy_seconds = busy_seconds + excluded.busy_seconds",
        dataclasses.asdict(more),
    )


def read_worker_times(connection: sqlite3.Connection) -> list[WorkerTime]:
    """The times of all stages, by number, the finalists' last."""
    if not _has_table(connection):
        return []
    rows = connection.execute("SELECT * FROM worker_time ORDER BY stage = 0, stage")
    return [WorkerTime(**dict(row)) for row in rows]


def forget_worker_times(connection: sqlite3.Connection) -> None:
    """Forgets the times of stages, which are those of another configuration."""
    if _has_table(connection):
        connection.execute("DELETE FROM worker_time")


def _has_table(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'worker_time'")
    return found.fetchone() is not None
