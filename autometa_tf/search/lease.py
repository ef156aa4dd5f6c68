"""The right to write to a search's file, held by one process at a time."""

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable

from autometa_tf.search.database import StoreError, transaction

LEASE_SECONDS = 60.0


class Lease:
    """A row in the file that names its owner and says until when.

    The owner renews it in the background, so that it lasts while a candidate trains
    for hours. When the owner dies, another process on the same machine sees that and
    takes over at once; one on another machine waits until the lease has run out. An
    owner that was stopped for so long that it lost its lease can write no more. One
    that is at work keeps it from others on its machine, whatever their clock says.

    Clocks of machines that share a run must agree within much less than
    `LEASE_SECONDS`.

    Args:
      connection: A connection to the file, for use in the caller's thread.
      open_connection: A function that opens another one, for use in the background.
      seconds: How long the lease lasts when it is not renewed.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        open_connection: Callable[[], sqlite3.Connection],
        seconds: float = LEASE_SECONDS,
    ):
        self._connection = connection
        self._open_connection = open_connection
        self._seconds = seconds
        self._token = uuid.uuid4().hex
        self._released = threading.Event()
        self._renewal = threading.Thread(target=self._keep_renewing, daemon=True)

    def acquire(self) -> None:
        """Takes the lease and keeps it until `release`.

        Raises:
          StoreError: Another process has it.
        """
        with transaction(self._connection):
            row = self._connection.execute("SELECT * FROM lease").fetchone()
            if row and not _has_ended(row):
                raise StoreError(
                    "A run must have one driver at a time. It has one: process "
                    f"{row['pid']} on {row['host']}, whose lease lasts "
                    f"{max(0.0, row['expires'] - time.time()):.0f} s more unless "
                    "renewed. Wait for it, end it, or give another --run_dir."
                )
            self._connection.execute("DELETE FROM lease")
            self._connection.execute(
                "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?)",
                (
                    self._token,
                    socket.gethostname(),
                    _place(),
                    os.getpid(),
                    _start_time(os.getpid()),
                    time.time() + self._seconds,
                ),
            )
        self._renewal.start()

    def check(self) -> None:
        """Checks that the lease is still held; every transaction that writes calls it.

        Raises:
          StoreError: Another process has taken over.
        """
        row = self._connection.execute("SELECT token FROM lease").fetchone()
        if row is None or row["token"] != self._token:
            raise StoreError(
                "A run must have one driver at a time. Another has taken over this "
                f"run, after this one was stopped for more than {self._seconds:.0f} s."
            )

    def release(self) -> None:
        """Lets another process take the lease at once."""
        self._released.set()
        self._renewal.join()
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM lease WHERE token = ?", (self._token,)
            )

    def _keep_renewing(self) -> None:
        while not self._released.wait(self._seconds / 4):
            try:
                connection = self._open_connection()
                try:
                    connection.execute(
                        "UPDATE lease SET expires = ? WHERE token = ?",
                        (time.time() + self._seconds, self._token),
                    )
                finally:
                    connection.close()
            except sqlite3.Error:
                # The disk may be full, say. The next write tells the user; till then
                # the next renewal may succeed.
                pass


def is_held(connection: sqlite3.Connection) -> bool:
    """Whether some process has the lease and is at work, as far as can be seen here."""
    row = connection.execute("SELECT * FROM lease").fetchone()
    return row is not None and not _has_ended(row)


def _has_ended(row: sqlite3.Row) -> bool:
    """Whether an owner has died, or was stopped until its lease ran out.

    The clock does not count for an owner on this machine that is at work, since people
    and networks set clocks.
    """
    has_run_out = time.time() >= row["expires"]
    if row["place"] != _place():
        return has_run_out  # Whether a process elsewhere lives cannot be seen here.
    state, start_time = _state_and_start_time(row["pid"])
    if start_time != row["start_time"]:
        return True
    return has_run_out and state in "Tt"


def _place() -> str:
    """Names where process ids are unique: a host since its boot, or a container."""
    parts = [socket.gethostname()]
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            parts.append(file.read().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except OSError:
        pass  # Not Linux.
    return " ".join(parts)


def _start_time(pid: int) -> str:
    """When a process began, which tells it from others of its id; "" of a dead one."""
    return _state_and_start_time(pid)[1]


def _state_and_start_time(pid: int) -> tuple[str, str]:
    """A process's state, as `ps` has it, and when it began; "" of a dead one."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # The fields after the program's name, from the state on (`man proc`).
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return _seen_without_proc(pid)
    state, start_time = fields[0], fields[19]
    # A zombie writes no more.
    return ("", "") if state in "ZX" else (state, start_time)


def _seen_without_proc(pid: int) -> tuple[str, str]:
    """What an id alone tells: dead, or perhaps stopped, or another process by now."""
    try:
        os.kill(pid, 0)  # Sends nothing.
    except (ProcessLookupError, OverflowError):
        return "", ""
    except PermissionError:
        pass  # It is another user's.
    return "T", "unknown"
