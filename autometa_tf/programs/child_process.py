"""Calls a function in a process of its own, which ends when this one does.

TensorFlow's threads and devices are settings of a process: what needs others than the
driver's runs in a child, and gives its memory back.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from multiprocessing import resource_tracker

# Of the terminal, which sends them to children as well: the parent sees to those.
_THE_PARENTS = {signal.SIGINT, signal.SIGHUP}


def call_in_child(function, *arguments, first=None):
    """`function(*arguments)` in a fresh process; both sides must be picklable.

    Whatever ends the wait for it, an interruption above all, ends the child too.

    Args:
      function: What to call.
      *arguments: What to pass it.
      first: Called, without arguments, before the function's module is imported.

    Raises:
      RuntimeError: the child died.
      Whatever the function raises.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    # Pickled here, so that the child unpickles it, and imports what that needs, late.
    call = pickle.dumps((function, arguments))
    child = context.Process(target=_answer, args=(first, call, sender))
    try:
        with _blocked_signals():
            child.start()
        sender.close()
        try:
            succeeded, result = receiver.recv()
        except EOFError:
            raise RuntimeError(
                f"The process of {function.__name__} was killed, perhaps for want of "
                "memory. Start the same command again to go on."
            ) from None
        child.join()
    finally:
        receiver.close()
        if child.pid is not None:
            child.kill()  # It keeps nothing that it could not leave at any time.
            child.join()
    if succeeded:
        return result
    raise result


@contextlib.contextmanager
def _blocked_signals():
    """A process that is started meanwhile has these signals blocked for good."""
    resource_tracker.ensure_running()  # Where it is not, starting it unblocks them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _THE_PARENTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer(first, call: bytes, sender):
    """The child: sends whether the function succeeded, and its result or error."""
    _die_with_parent()
    try:
        if first:
            first()
        function, arguments = pickle.loads(call)
        answer = pickle.dumps((True, function(*arguments)))
    except Exception as error:
        answer = _pickled_error(error)
    sender.send_bytes(answer)


def _pickled_error(error: Exception) -> bytes:
    error.add_note(f"In a child process:\n{traceback.format_exc()}")
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)
    except Exception:  # Some errors cannot be pickled, or not be made again of it.
        text = f"{type(error).__name__}: {error}"
        answer = pickle.dumps((False, RuntimeError(text)))
    return answer


def _die_with_parent():
    """A killed driver must not leave a child that writes to its run directory."""

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
