"""Progress as lines of text for a terminal or a log."""

import sys
import time
from typing import Any

from autometa_tf.plain_text import printable
from autometa_tf.programs.streams import print_to


def say(event: Any) -> None:
    """Prints what an event says of itself at once, each line with the time of day.

    A terminal, pipe or full disk that takes no more lines ends no run, since a run is
    not there for its lines. Nor does what cannot be printed, as in a path, disturb a
    terminal.
    """
    for line in str(event).split("\n"):
        print_to(sys.stderr, f"{time.strftime('%H:%M:%S')} {printable(line)}")


def tell(text: str) -> None:
    """Prints a result, on the standard output; nobody needs to read all of it."""
    print_to(sys.stdout, text, forgiven=BrokenPipeError)  # `| head` has read enough.
