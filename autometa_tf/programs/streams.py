"""Printing to streams whose readers may have gone."""

import os
from typing import TextIO


def print_to(stream: TextIO, text: str, forgiven: type[OSError] = OSError) -> None:
    """Prints a line at once; where nobody takes it, it and all later ones go nowhere.

    Python prints what is left when it ends, and what fails then becomes the status of
    the process: so the stream itself must lead somewhere.

    Args:
      stream: The standard output or the standard error.
      text: The line.
      forgiven: The errors that printing may raise without consequence.
    """
    try:
        print(text, file=stream, flush=True)
    except forgiven:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
