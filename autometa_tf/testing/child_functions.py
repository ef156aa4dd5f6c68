"""What tests call in a child process, which must find it by its module's name."""

import os
import signal
import sys
import time
from collections.abc import Callable


def fail(text: str) -> None:
    raise ValueError(text)


class Unpicklable(Exception):
    """An error that can be pickled, and not unpickled."""

    def __init__(self, text: str, _: int):
        super().__init__(text)


def fail_unpicklably() -> None:
    raise Unpicklable("no way", 1)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def count(number: int, report: Callable[[int], None]) -> int:
    for i in range(number):
        report(i)
    return number


def work() -> None:
    """Tells its process number and works for a minute."""
    print(os.getpid(), flush=True)
    time.sleep(60)


def clean_up_after_work(path: str) -> None:
    """The same, and leaves a file when it is asked to end."""
    try:
        work()
    finally:
        with open(path, "w") as file:
            file.write("clean")


def modules() -> list[str]:
    return list(sys.modules)
