"""What anybody writes on the terminal while something is drawn there."""

import contextlib
import os
import sys
import threading
from collections.abc import Callable

_MARK = b"\0so far\0"
# Only a terminal that takes nothing any more makes the last lines wait so long.
_PATIENCE_SECONDS = 2.0


class CapturedStreams:
    """Passes on, line by line, what is written to the standard output and error.

    That is of this process and of those that it starts meanwhile, in Python or not:
    their warnings would tear what is drawn, and it would cover them. Only what is a
    terminal is captured.

    Args:
      write_line: Called with each line, without its end, from another thread.
    """

    def __init__(self, write_line: Callable[[str], None]):
        self._write_line = write_line
        self._saved = {fd: os.dup(fd) for fd in (1, 2) if os.isatty(fd)}
        self._stopped = False
        self._passed_on = threading.Event()
        source, self._target = os.pipe()
        _flush()
        for fd in self._saved:
            os.dup2(self._target, fd)
        threading.Thread(target=self._pass_on, args=(source,), daemon=True).start()

    def settle(self) -> None:
        """Waits until all lines written so far are passed on."""
        _flush()
        self._passed_on.clear()
        os.write(self._target, _MARK)
        self._passed_on.wait(_PATIENCE_SECONDS)

    def stop(self) -> None:
        """Gives the streams back, once everything written so far is passed on.

        What processes that still run write later goes to the terminal as it comes.
        """
        self._stopped = True
        self.settle()
        for fd, terminal in self._saved.items():
            os.dup2(terminal, fd)

    def _pass_on(self, source: int) -> None:
        rest, is_over = b"", False
        while text := os.read(source, 1 << 16):
            if is_over:
                with contextlib.suppress(OSError):
                    os.write(next(iter(self._saved.values())), text)
                continue
            text = rest + text
            is_settled, is_over = _MARK in text, self._stopped and _MARK in text
            text = text.replace(_MARK, b"\n" if is_over else b"")
            *lines, rest = text.split(b"\n")
            for line in lines:
                self._tell(line)
            if is_settled:
                self._passed_on.set()

    def _tell(self, line: bytes) -> None:
        # A progress bar draws itself again and again after each carriage return.
        shown = line.rstrip(b"\r").rpartition(b"\r")[2]
        if shown:
            self._write_line(shown.decode("utf-8", "replace"))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
