"""Calls a function in a process of its own, which ends when this one does.

TensorFlow's threads and devices are settings of a process: what needs others than this
one's runs in a child, and gives its memory back. The child starts from nothing, so a
script need not guard its own lines against being run again in it.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from typing import Any

# The terminal sends these signals to children as well; the parent sees to those.
_THE_PARENTS = {signal.SIGINT, signal.SIGHUP}

_CHILD = "from autometa_tf.experiments.child_process import answer; answer()"


def call_in_child(
    function: Callable[..., Any],
    *arguments: Any,
    report: Callable[[Any], None] | None = None,
    grace_seconds: float = 0.0,
) -> Any:
    """Calls `function(*arguments)` in a fresh process; all of it must be picklable.

    Whatever ends the wait for it, an interruption above all, ends the child too.

    Args:
      function: What to call, by the name that its module can be imported by.
      *arguments: What to pass it.
      report: Called, in this process, with what the function passes to its own keyword
        argument `report`. With None it is called without that.
      grace_seconds: How long it may take to end when this process no longer waits;
        SystemExit is raised in it then. With 0 it is killed at once, as it keeps
        nothing.

    Raises:
      RuntimeError: The child died.
      Whatever the function raises.
    """
    ours, theirs = Pipe()
    child = _start(theirs)
    theirs.close()
    try:
        with contextlib.suppress(BrokenPipeError):  # It has died, as is seen below.
            reports = report is not None
            ours.send_bytes(pickle.dumps((sys.argv, function, arguments, reports)))
        kind, content = _answers(ours, report)
    except EOFError:
        raise RuntimeError(
            f"The process of {function.__name__} was killed, perhaps for want of "
            "memory. Start the same command again to go on."
        ) from None
    finally:
        _end(child, grace_seconds)
        ours.close()
    if kind == "error":
        raise content
    return content


def _start(theirs: Connection) -> subprocess.Popen:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    }
    # A process that is started meanwhile has these signals blocked for good.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _THE_PARENTS)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD, str(theirs.fileno())],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answers(ours: Connection, report: Callable[[Any], None] | None) -> tuple[str, Any]:
    """Passes on what the child reports until it sends its result or its error."""
    while True:
        kind, content = pickle.loads(ours.recv_bytes())
        if kind != "report":
            return kind, content
        report(content)


def _end(child: subprocess.Popen, grace_seconds: float) -> None:
    if grace_seconds:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace_seconds)
    child.kill()
    child.wait()


def answer() -> None:
    """What the child runs: it calls what it is sent and sends back the result."""
    theirs = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGTERM, _exit)
    sending = threading.Lock()

    def send(kind: str, content: Any) -> None:
        with sending:
            theirs.send_bytes(pickle.dumps((kind, content)))

    try:
        call = theirs.recv_bytes()
        _die_with_parent(theirs)
        # It is part of what was begun with the parent's command, and says so.
        sys.argv, function, arguments, reports = pickle.loads(call)
        options = {"report": lambda event: send("report", event)} if reports else {}
        result = "result", function(*arguments, **options)
    except Exception as error:
        result = "error", _picklable(error)
    with contextlib.suppress(BrokenPipeError):
        send(*result)


def _exit(number: int, frame: Any) -> None:
    sys.exit(128 + number)


def _picklable(error: Exception) -> Exception:
    error.add_note(f"In a child process:\n{traceback.format_exc()}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # Some errors cannot be pickled, or not unpickled.
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _die_with_parent(theirs: Connection) -> None:
    """A killed parent must not leave a child that writes to its run directory."""

    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            theirs.recv_bytes()  # Nothing is sent: it ends when the parent does.
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
