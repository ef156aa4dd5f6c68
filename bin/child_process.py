"""Calls a function in a process of its own, which ends when this one does.

TensorFlow's threads and devices are settings of a process: what needs others than the
driver's runs in a child, and gives its memory back.
"""

import concurrent.futures
import multiprocessing
import os
import threading


def call_in_child(function, *arguments):
    """`function(*arguments)` in a fresh process; both sides must be picklable.

    Raises:
      RuntimeError: the child died.
      Whatever the function raises.
    """
    with concurrent.futures.ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_die_with_parent,
    ) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except concurrent.futures.process.BrokenProcessPool as error:
            raise RuntimeError(
                f"The process of {function.__name__} was killed, perhaps for want of "
                "memory. Start the same command again to go on."
            ) from error


def _die_with_parent():
    """A killed driver must not leave a child that writes to its run directory."""

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
