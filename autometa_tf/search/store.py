"""A search's memory: one SQLite file, from which it can always go on."""

import contextlib
import functools
import os
import sqlite3
from collections.abc import Iterable, Iterator

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_from_json
from autometa_tf.search.configurations import (
    Configuration,
    begin_configuration,
    current_configuration,
    read_earlier_stages,
    stage_chosen_before,
)
from autometa_tf.search.database import (
    StoreError,
    clear_content_errors,
    clear_errors,
    connect,
    open_database,
    open_database_to_read,
    transaction,
)
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.kept_learners import (
    forget_learners,
    keep_learner,
    read_learner,
)
from autometa_tf.search.lease import Lease, is_held
from autometa_tf.search.patient_connection import PatientConnection
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.state_rows import decided, read_state
from autometa_tf.search.store_rows import (
    IS_OF_GENOME_AND_KEY,
    evaluation_of,
    insert,
    insert_stage,
    named,
    results_of,
)
from autometa_tf.search.unused_evaluations import has_unused, take_up
from autometa_tf.search.worker_time import (
    WorkerTime,
    add_worker_time,
    read_worker_times,
)

STORE_FILE_NAME = "search.sqlite"

# How long a store waits for other programs when it is closed.
_CLOSING_SECONDS = 2.0


def open_store(
    run_dir: str | os.PathLike, *, on_network_file_system: bool | None = None
) -> "SearchStore":
    """Opens a run's store as its one driver, and makes it when there is none.

    Args:
      run_dir: The run directory, made when there is none.
      on_network_file_system: Whether other machines may open the file; None to tell
        by the file system.

    Raises:
      StoreError: The run cannot be used; the message says why in one line.
    """
    try:
        os.makedirs(run_dir, exist_ok=True)
    except OSError as error:
        raise StoreError(f"Run directory {os.fspath(run_dir)!r}: {error}.") from None
    path = os.path.join(run_dir, STORE_FILE_NAME)
    connection = open_database(path, on_network_file_system)
    try:
        with clear_errors(path):
            # To release the lease its owner waits for a renewal that is under way, and
            # that must not wait for others.
            renewing = functools.partial(connect, path, patience=_CLOSING_SECONDS)
            lease = Lease(connection, renewing)
            lease.acquire()
    except BaseException:
        connection.close()
        raise
    return SearchStore(connection, path, lease)


def open_store_to_read(run_dir: str | os.PathLike) -> "SearchStore":
    """Opens a run's store to look at it, also while its driver is at work.

    Raises:
      StoreError: The run cannot be read; the message says why in one line.
    """
    path = os.path.join(run_dir, STORE_FILE_NAME)
    return SearchStore(open_database_to_read(path), path)


class SearchStore:
    """What `open_store` opens: reads and writes the records of a search.

    Whatever is added is there for good when the call returns, or, on an error, not at
    all. It is closed after use, for which it is a context manager.

    Args:
      connection: A connection to the file.
      path: The path of the file.
      lease: The right to write; without it the store can only be read.
    """

    def __init__(
        self, connection: PatientConnection, path: str, lease: Lease | None = None
    ):
        self._connection = connection
        self._path = path
        self._lease = lease

    def __enter__(self) -> "SearchStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the lease back, so that another process may drive the run."""
        # What fails here harms nothing: a lease that is not given back runs out.
        with contextlib.suppress(sqlite3.Error):
            self._connection.patience = _CLOSING_SECONDS
            if self._lease:
                self._lease.release()
                # This leaves one plain file, which can be read in a read-only folder
                # too. If somebody reads it just now, it is not worth waiting for.
                self._connection.patience = 0.0
                self._connection.execute("PRAGMA busy_timeout = 0")
                self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def has_driver(self) -> bool:
        """Whether a process drives the run just now."""
        with self._reading():
            return is_held(self._connection)

    def read_state(self, plan: EvaluationPlan) -> SearchState:
        """The stages, and the evaluations that the plan is about."""
        with self._reading():
            return read_state(self._connection, plan)

    def read_evaluations(self) -> list[Evaluation]:
        """All evaluations, whatever their key, oldest first."""
        with self._reading():
            rows = self._connection.execute("SELECT * FROM evaluation ORDER BY rowid")
            return [evaluation_of(row, genome_from_json) for row in rows]

    def read_configuration(self) -> str | None:
        """The fields of the configuration that it has now; None before any."""
        with self._reading():
            return current_configuration(self._connection)

    def begin_configuration(self, configuration: Configuration) -> None:
        """Goes on with a configuration, perhaps another than before.

        The stages of the one before are then history, and its evaluations there to be
        taken up where they are needed.
        """
        with self._writing():
            begin_configuration(self._connection, configuration)

    def stage_chosen_before(self, state: SearchState) -> Stage | None:
        """The next stage, where an earlier configuration chose it by the same."""
        with self._reading():
            return stage_chosen_before(self._connection, state.stages)

    def read_earlier_stages(self) -> list[list[Stage]]:
        """The stages of each configuration that the search had before, oldest first."""
        with self._reading():
            return read_earlier_stages(self._connection)

    def read_worker_times(self) -> list[WorkerTime]:
        """How long workers were there and at work, for each stage."""
        with self._reading():
            return read_worker_times(self._connection)

    def take_up(
        self, needed: Iterable[tuple[Genome, EvaluationKey]]
    ) -> list[Evaluation]:
        """Uses evaluations of an earlier configuration that this one needs."""
        with self._reading():
            if not has_unused(self._connection):
                return []
        with self._writing():
            return take_up(self._connection, needed)

    def has_stages(self) -> bool:
        """Whether a search has begun here."""
        with self._reading():
            return bool(self._connection.execute("SELECT 1 FROM stage").fetchone())

    def add_stage(self, stage: Stage) -> None:
        """Stores a stage, before its training starts, so that it is chosen once only.

        Raises:
          StoreError: It cannot be written, or there is a stage of its number.
        """
        with self._writing():
            insert_stage(self._connection, stage)

    def close_stage(self, number: int) -> None:
        """Stores that no more of a stage's candidates begin."""
        with self._writing():
            self._connection.execute(
                "UPDATE stage SET is_closed = 1 WHERE number = ?", (number,)
            )

    def decide(self, name: str, value: int) -> int:
        """Stores what was decided, once: later it is what was decided first."""
        with self._writing():
            self._connection.execute(
                "INSERT OR IGNORE INTO decision VALUES (?, ?)", (name, value)
            )
            return decided(self._connection, name)

    def read_seconds_spent(self) -> float:
        """The seconds that the search has taken, in all sittings."""
        with self._reading():
            row = self._connection.execute("SELECT seconds FROM time_spent").fetchone()
            return row["seconds"]

    def add_evaluation(
        self,
        evaluation: Evaluation,
        seconds: float = 0.0,
        worker_time: WorkerTime | None = None,
    ) -> None:
        """Stores an evaluation, and the learner for whoever goes on with it.

        Args:
          evaluation: What has come.
          seconds: The seconds that the search has taken since the last one.
          worker_time: What workers had meanwhile, of the stage that it belongs to.

        Raises:
          StoreError: It cannot be written, or there is one of the same genome
            and key.
        """
        of_key = named(evaluation.genome, evaluation.key)
        with self._writing():
            insert(self._connection, "evaluation", of_key | results_of(evaluation))
            self._connection.execute(
                "UPDATE time_spent SET seconds = seconds + ?", (seconds,)
            )
            if worker_time:
                add_worker_time(self._connection, worker_time)
            keep_learner(self._connection, evaluation)

    def read_learner(self, evaluation: Evaluation) -> bytes:
        """The learner as an evaluation left it; empty when it was not kept."""
        with self._reading():
            return read_learner(self._connection, evaluation)

    def forget_learners(self) -> None:
        """Forgets all learners, with which nobody goes on once their stage is over."""
        with self._writing():
            kept = forget_learners(self._connection)
        if kept:  # They were most of the file.
            with clear_errors(self._path):
                self._connection.execute("VACUUM")

    def discard_evaluations(self, evaluations: Iterable[Evaluation]) -> None:
        """Forgets evaluations, so that a search makes them again."""
        of_keys = [named(found.genome, found.key) for found in evaluations]
        with self._writing():
            for table in ("evaluation", "learner"):
                self._connection.executemany(
                    f"DELETE FROM {table} WHERE {IS_OF_GENOME_AND_KEY}",
                    of_keys,
                )

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        with (
            clear_errors(self._path),
            transaction(self._connection, "DEFERRED"),
            clear_content_errors(self._path),
        ):
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if self._lease is None:
            raise StoreError(f"Search store {self._path!r}: it was opened to read.")
        with clear_errors(self._path), transaction(self._connection):
            self._lease.check()
            yield
