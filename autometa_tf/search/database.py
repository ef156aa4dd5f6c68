"""The SQLite file that a search lives in: opened with care, written in transactions."""

import contextlib
import os
import sqlite3
import uuid
from collections.abc import Iterator

from autometa_tf.plain_text import one_line
from autometa_tf.search.file_system import is_local
from autometa_tf.search.patient_connection import (
    PATIENCE_SECONDS,
    PatientConnection,
    connect_patiently,
    read_start,
)

# What tells our files from those of others, at fixed places of an SQLite file's header.
APPLICATION_ID = int.from_bytes(b"AMTF")
SCHEMA_VERSION = 3

_HEADER_SIZE = 100
_HEADER_START = b"SQLite format 3\0"

# Strict, so that the integrity check also finds values of the wrong type.
_SCHEMA = """
CREATE TABLE stage (
    number INTEGER PRIMARY KEY,
    num_expanded INTEGER NOT NULL,
    num_distinct INTEGER NOT NULL,
    is_closed INTEGER NOT NULL DEFAULT 0,
    fit_num_genomes INTEGER,
    fit_spearman REAL,
    fit_kendall REAL,
    fit_mean_absolute_error REAL
) STRICT;
CREATE TABLE candidate (
    stage INTEGER NOT NULL REFERENCES stage (number),
    genome TEXT NOT NULL,
    prediction REAL,
    PRIMARY KEY (stage, genome)
) STRICT;
CREATE TABLE evaluation (
    genome TEXT NOT NULL,
    seed INTEGER NOT NULL,
    outer_iterations INTEGER NOT NULL,
    rung INTEGER NOT NULL,
    num_episodes INTEGER NOT NULL,
    score REAL,
    score_ci95 REAL,
    non_transductive_score REAL,
    non_transductive_ci95 REAL,
    num_parameters INTEGER NOT NULL,
    build_seconds REAL NOT NULL,
    train_seconds REAL NOT NULL,
    scoring_seconds REAL NOT NULL,
    peak_memory_bytes INTEGER NOT NULL,
    num_retries INTEGER NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (genome, seed, outer_iterations, rung, num_episodes)
) STRICT;
CREATE TABLE learner (
    genome TEXT NOT NULL,
    seed INTEGER NOT NULL,
    outer_iterations INTEGER NOT NULL,
    rung INTEGER NOT NULL,
    num_episodes INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (genome, seed, outer_iterations, rung, num_episodes)
) STRICT;
CREATE TABLE decision (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
CREATE TABLE time_spent (
    seconds REAL NOT NULL
) STRICT;
INSERT INTO time_spent VALUES (0.0);
CREATE TABLE lease (
    token TEXT NOT NULL,
    host TEXT NOT NULL,
    place TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    expires REAL NOT NULL
) STRICT;
"""

# What an error means, by the beginning of SQLite's name for it.
_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it must be writable, and so must its folder",
    "SQLITE_PERM": "it must be readable and writable",
    "SQLITE_CANTOPEN": "it cannot be opened or made; its folder must be writable",
    "SQLITE_BUSY": "another program uses it; end that, then start this again",
    "SQLITE_LOCKED": "another program uses it; end that, then start this again",
    "SQLITE_NOTADB": "it must be an SQLite file",
    "SQLITE_CORRUPT": "it is damaged; put a copy in its place, or give another "
    "--run_dir",
    "SQLITE_IOERR": "the disk failed, or is full",
}


class StoreError(ValueError):
    """A search's file that cannot be used, or not by us now."""


def open_database(
    path: str, on_network_file_system: bool | None = None
) -> PatientConnection:
    """Opens the file to write, and makes it when there is none.

    A file that is not ours, of another version or damaged is left as it is. While
    another program has locked it, this waits, and so does all that is done with it.

    Args:
      path: The file, whose folder must exist.
      on_network_file_system: Whether processes on other machines may open the file;
        None to tell by the file system.

    Raises:
      StoreError: The file cannot be used; the message says why in one line.
    """
    if not _check_header(path):
        _make_file(path)
    if on_network_file_system is None:
        on_network_file_system = not is_local(path)
    with clear_errors(path):
        connection = connect(path)
        try:
            _check_integrity(connection, path)
            # An evaluation costs minutes and a sync to disk a millisecond: nothing
            # that was stored is lost, even when the machine loses power.
            connection.execute("PRAGMA synchronous = FULL")
            # The write-ahead log is the faster, but needs memory that all processes
            # which open the file share.
            journal = "DELETE" if on_network_file_system else "WAL"
            connection.execute(f"PRAGMA journal_mode = {journal}")
        except BaseException:
            connection.close()
            raise
    return connection


def open_database_to_read(path: str) -> PatientConnection:
    """Opens an existing file, perhaps while a search writes it, and changes nothing.

    Raises:
      StoreError: The file cannot be used; the message says why in one line.
    """
    if not _check_header(path):
        raise StoreError(f"Search store {path!r}: no search has begun there.")
    with clear_errors(path):
        connection = connect(path, "ro")
        try:
            _check_integrity(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def connect(
    path: str, mode: str = "rw", patience: float = PATIENCE_SECONDS
) -> PatientConnection:
    """Opens one more connection to a file that was checked before.

    Args:
      path: The file.
      mode: "rw" to read and write, "ro" to read only.
      patience: Seconds to wait for other programs.
    """
    # Transactions are begun by `transaction` alone.
    connection = connect_patiently(path, mode, patience)
    connection.row_factory = sqlite3.Row
    return connection


@contextlib.contextmanager
def transaction(
    connection: sqlite3.Connection, mode: str = "IMMEDIATE"
) -> Iterator[None]:
    """Makes all that the body writes true at once, or, on any error, not at all.

    What the body reads is true at one time. For a body that only reads, `mode` is
    "DEFERRED".
    """
    connection.execute(f"BEGIN {mode}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back on some errors.
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def clear_errors(path: str) -> Iterator[None]:
    """Turns SQLite's errors about the file into a `StoreError` of one line."""
    try:
        yield
    except UnicodeDecodeError:
        raise StoreError(f"Search store {path!r}: it is damaged.") from None
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        reasons = [text for start, text in _REASONS.items() if name.startswith(start)]
        what = f"{reasons[0]} ({error})" if reasons else str(error)
        raise StoreError(f"Search store {path!r}: {one_line(what)}.") from None


@contextlib.contextmanager
def clear_content_errors(path: str) -> Iterator[None]:
    """Turns errors from reading records that make no sense into a `StoreError`."""
    try:
        yield
    except StoreError:
        raise
    except (
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
    ) as error:
        raise StoreError(
            f"Search store {path!r}: it holds what no search writes "
            f"({one_line(str(error))})."
        ) from None


def _check_header(path: str) -> bool:
    """Whether there is a file, which then must be ours.

    It looks at the bytes, because SQLite would already change a foreign file whose last
    writer has left something undone.
    """
    try:
        header = read_start(path, _HEADER_SIZE)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"Search store {path!r}: {error.strerror}.") from None
    if header is None:
        return True  # It was looked at when this process opened it.
    if len(header) < _HEADER_SIZE or not header.startswith(_HEADER_START):
        raise StoreError(
            f"Search store {path!r}: it must be an SQLite file. Put a copy of it in "
            "its place, or give another --run_dir."
        )
    application_id = int.from_bytes(header[68:72])
    if application_id != APPLICATION_ID:
        raise StoreError(
            f"Search store {path!r}: it must be made by autometa_tf (application id "
            f"{APPLICATION_ID}). Received: {application_id}."
        )
    version = int.from_bytes(header[60:64])
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"Search store {path!r}: its schema version must be {SCHEMA_VERSION}. "
            f"Received: {version}, from another version of autometa_tf."
        )
    return True


def _make_file(path: str) -> None:
    """Makes the file in one step, so that none is ever there half made."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {SCHEMA_VERSION};{_SCHEMA}"
        )
        content = connection.serialize()
    new_path = f"{path}.{uuid.uuid4().hex}.new"
    try:
        with open(new_path, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new_path, path)
        except FileExistsError:
            pass  # Another driver was faster.
        except OSError:  # Some network file systems have no links.
            os.rename(new_path, path)
    except OSError as error:
        raise StoreError(
            f"Search store {path!r}: it cannot be made: {error.strerror}."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(new_path)


def _check_integrity(connection: sqlite3.Connection, path: str) -> None:
    finding = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if finding != "ok":
        raise StoreError(f"Search store {path!r}: it is damaged ({one_line(finding)}).")
