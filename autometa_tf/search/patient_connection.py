"""A connection to an SQLite file that waits while others use it."""

import os
import pathlib
import sqlite3
import threading
import time
import weakref
from typing import Any

from absl import logging

# Who looks at a file with a program of their own may leave it open over lunch, but
# nobody wants to find in the morning that a search has waited all night.
PATIENCE_SECONDS = 1800.0
_NOTICE_SECONDS = 3.0
# How long one attempt lasts, in which SQLite tries by itself; signals wait for its end.
_ATTEMPT_SECONDS = 1.0

# The connections that this process has open, and who may look at them or add one.
_open_here: "weakref.WeakSet[PatientConnection]" = weakref.WeakSet()
_opening = threading.RLock()


class PatientConnection(sqlite3.Connection):
    """Tries each statement again while another program's lock is in its way.

    That is right, since the statements that can meet a lock have then done nothing yet:
    they begin or end a transaction, or are the first of one that reads.

    Attributes:
      patience: Seconds to wait for others; with 0 a lock is an error at once.
      name: What messages call the file.
      file: What tells the file from all others of this machine.
    """

    patience = PATIENCE_SECONDS
    name = "an SQLite file"
    file = (-1, -1)

    def close(self) -> None:
        """Does what `sqlite3.Connection.close` does."""
        super().close()
        with _opening:
            _open_here.discard(self)

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Does what `sqlite3.Connection.execute` does."""
        start, told = time.monotonic(), False
        while True:
            try:
                cursor = super().execute(*arguments)
                break
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - start
                if not _is_locked(error) or waited >= self.patience:
                    raise
            if waited >= _NOTICE_SECONDS and not told:
                told = True
                logging.warning(
                    "Another program has locked %s; waiting for it, up to %.0f minutes.",
                    self.name,
                    self.patience / 60,
                )
            time.sleep(0.05)
        if told:
            logging.warning("The file is free again, after %.0f s.", waited)
        return cursor


def connect_patiently(path: str, mode: str, patience: float) -> PatientConnection:
    """Opens an existing file, "rw" or "ro", without transactions of Python's own."""
    with _opening:
        connection = sqlite3.connect(
            f"{pathlib.Path(path).absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=min(_ATTEMPT_SECONDS, patience),
            isolation_level=None,
            factory=PatientConnection,
        )
        connection.patience, connection.name = patience, path
        connection.file = _file(path)
        _open_here.add(connection)
    return connection


def read_start(path: str, size: int) -> bytes | None:
    """The first bytes of a file; None where this process has a connection to it.

    A process that closes a file loses all its locks on it, whoever in it took them
    (https://sqlite.org/howtocorrupt.html, section 2.2): the next program that looked at
    the file would take it for abandoned, and tidy away what is still being written.

    Raises:
      OSError: It cannot be read.
    """
    with _opening:
        file = _file(path)
        if any(connection.file == file for connection in _open_here):
            return None
        with open(path, "rb") as file:
            return file.read(size)


def _file(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _is_locked(error: sqlite3.OperationalError) -> bool:
    # The low byte says so; the others say what kind of lock it is.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
