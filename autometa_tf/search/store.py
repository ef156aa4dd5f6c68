"""A search's memory: one SQLite file, from which it can always go on."""

import contextlib
import dataclasses
import functools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome, genome_from_json, genome_to_json
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.database import (
    StoreError,
    clear_content_errors,
    clear_errors,
    connect,
    open_database,
    open_database_to_read,
    transaction,
)
from autometa_tf.search.lease import Lease
from autometa_tf.search.patient_connection import PatientConnection
from autometa_tf.search.state import SearchState, Stage

STORE_FILE_NAME = "search.sqlite"

# How long a store waits for other programs when it is closed.
_CLOSING_SECONDS = 2.0

_EVALUATION_FIELDS = [field.name for field in dataclasses.fields(Evaluation)]
_QUALITY_FIELDS = [field.name for field in dataclasses.fields(RankingQuality)]


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

    def read_state(self, key: EvaluationKey) -> SearchState:
        """The stages, and the evaluations that have this key."""
        with self._reading():
            # A genome is read once, though it is a candidate and has an evaluation.
            read_genome = functools.cache(genome_from_json)
            rows = self._connection.execute(
                "SELECT * FROM evaluation WHERE seed = ? AND outer_iterations = ?",
                (key.seed, key.outer_iterations),
            )
            evaluations = [_evaluation(row, read_genome) for row in rows]
            return SearchState(
                stages=tuple(self._read_stages(read_genome)),
                evaluations={found.genome: found for found in evaluations},
            )

    def read_evaluations(self) -> list[Evaluation]:
        """All evaluations, whatever their key, oldest first."""
        with self._reading():
            rows = self._connection.execute("SELECT * FROM evaluation ORDER BY rowid")
            return [_evaluation(row, genome_from_json) for row in rows]

    def add_stage(self, stage: Stage) -> None:
        """Stores a stage, before its training starts, so that it is chosen once only.

        Raises:
          StoreError: It cannot be written, or there is a stage of its number.
        """
        quality = stage.fit_quality and dataclasses.astuple(stage.fit_quality)
        predictions = stage.predictions or [None] * len(stage.genomes)
        with self._writing():
            self._connection.execute(
                "INSERT INTO stage (number, num_expanded, num_distinct, "
                f"{', '.join(f'fit_{name}' for name in _QUALITY_FIELDS)}) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    stage.number,
                    stage.num_expanded,
                    stage.num_distinct,
                    *(quality or [None] * len(_QUALITY_FIELDS)),
                ),
            )
            self._connection.executemany(
                "INSERT INTO candidate (stage, genome, prediction) VALUES (?, ?, ?)",
                [
                    (stage.number, genome_to_json(genome), prediction)
                    for genome, prediction in zip(
                        stage.genomes, predictions, strict=True
                    )
                ],
            )

    def add_evaluation(self, evaluation: Evaluation) -> None:
        """Stores an evaluation.

        Raises:
          StoreError: It cannot be written, or there is one of the same genome
            and key.
        """
        values = {name: getattr(evaluation, name) for name in _EVALUATION_FIELDS}
        values["genome"] = genome_to_json(evaluation.genome)
        with self._writing():
            self._connection.execute(
                f"INSERT INTO evaluation ({', '.join(_EVALUATION_FIELDS)}) "
                f"VALUES ({', '.join(f':{name}' for name in _EVALUATION_FIELDS)})",
                values,
            )

    def discard_evaluations(self, evaluations: Iterable[Evaluation]) -> None:
        """Forgets evaluations, so that a search makes them again."""
        with self._writing():
            self._connection.executemany(
                "DELETE FROM evaluation "
                "WHERE genome = ? AND seed = ? AND outer_iterations = ?",
                [
                    (genome_to_json(found.genome), found.seed, found.outer_iterations)
                    for found in evaluations
                ],
            )

    def _read_stages(self, read_genome: Callable[[str], Genome]) -> Iterator[Stage]:
        for row in self._connection.execute("SELECT * FROM stage ORDER BY number"):
            candidates = self._connection.execute(
                "SELECT genome, prediction FROM candidate WHERE stage = ?",
                (row["number"],),
            )
            found = {read_genome(genome): value for genome, value in candidates}
            genomes = tuple(sorted(found))
            predictions = tuple(found[genome] for genome in genomes)
            quality = {name: row[f"fit_{name}"] for name in _QUALITY_FIELDS}
            was_fitted = quality["num_genomes"] is not None
            yield Stage(
                number=row["number"],
                genomes=genomes,
                predictions=None if set(predictions) == {None} else predictions,
                num_expanded=row["num_expanded"],
                num_distinct=row["num_distinct"],
                fit_quality=RankingQuality(**quality) if was_fitted else None,
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


def _evaluation(row: sqlite3.Row, read_genome: Callable[[str], Genome]) -> Evaluation:
    return Evaluation(**{**row, "genome": read_genome(row["genome"])})
