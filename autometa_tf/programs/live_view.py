"""Progress drawn on a terminal while work goes on, above which lines scroll as ever."""

import contextlib
import io
import os
import sys
import time
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from autometa_tf.experiments.events import TrainingProgress
from autometa_tf.plain_text import printable
from autometa_tf.programs.captured_streams import CapturedStreams
from autometa_tf.programs.progress_panels import SearchPanel, TrainingPanel
from autometa_tf.search.progress import Progress

_REDRAWN_PER_SECOND = 2


class LiveView:
    """A reporter of events: news of progress are drawn, all others are lines.

    It begins to draw with the first news. What is written on the terminal meanwhile, by
    whomever, appears above the view. When it ends nothing is left of it but lines: the
    last news of every stage, failures, and all that was no news of progress.

    Args:
      console: Where to draw; the standard error's terminal where none is given.
    """

    def __init__(self, console: Console | None = None):
        self._console = console or _console_of_stderr()
        self._search = SearchPanel()
        self._training = TrainingPanel()
        self._live: Live | None = None
        self._captured: CapturedStreams | None = None
        # The last news, where it is not among the lines yet.
        self._unsaid: Progress | TrainingProgress | None = None

    def __call__(self, event: Any) -> None:
        """Takes an event."""
        if not isinstance(event, Progress | TrainingProgress):
            self._say_last_news()
            self._say(event)
            return
        if self._unsaid is not None and _phase(event) != _phase(self._unsaid):
            self._say_last_news()
        panel = self._search if isinstance(event, Progress) else self._training
        panel.add(event)
        self._unsaid = event
        if isinstance(event, Progress) and event.latest and event.latest.failure:
            self._say_last_news()
        self._draw(panel)

    def _draw(self, panel: SearchPanel | TrainingPanel) -> None:
        if self._live is None:
            self._captured = CapturedStreams(self._say_of_others)
            self._live = Live(
                panel,
                console=self._console,
                refresh_per_second=_REDRAWN_PER_SECOND,
                transient=True,
                redirect_stdout=False,  # `CapturedStreams` has more than Python's.
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            self._live.update(panel)

    def close(self) -> None:
        """Takes the view away, and says what is unsaid."""
        captured, self._captured = self._captured, None
        if captured:
            captured.stop()
        if self._live:
            self._live.stop()
        self._say_last_news()

    def _say_last_news(self) -> None:
        event, self._unsaid = self._unsaid, None
        if event is not None:
            self._say(event)

    def _say(self, event: Any) -> None:
        if self._captured:  # Lines keep the order in which they were written.
            self._captured.settle()
        now = time.strftime("%H:%M:%S")
        for line in str(event).split("\n"):
            self._print(Text(f"{now} {printable(line)}"))

    def _say_of_others(self, line: str) -> None:
        # Colours stay; what moves a cursor goes.
        self._print(Text.from_ansi(line))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)


def _phase(event: Progress | TrainingProgress) -> tuple:
    if isinstance(event, Progress):
        return "search", event.stage
    return event.phase, event.split, event.total


class _SteadyConsole(Console):
    """Never hides the cursor: a process that is killed could not show it again."""

    def show_cursor(self, show: bool = True) -> bool:
        return False


class _Terminal(io.TextIOBase):
    """The terminal itself, wherever the standard error leads meanwhile.

    One that takes no more, since its window was closed, ends no run.
    """

    def __init__(self):
        self._number = os.dup(2)

    encoding = property(lambda self: sys.stderr.encoding)

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        rest = text.encode(self.encoding, "backslashreplace")
        with contextlib.suppress(OSError):
            while rest:
                rest = rest[os.write(self._number, rest) :]
        return len(text)


def _console_of_stderr() -> Console:
    return _SteadyConsole(file=_Terminal(), force_terminal=True)
