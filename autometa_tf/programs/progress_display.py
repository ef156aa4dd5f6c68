"""How a program shows its progress: drawn on a terminal, as lines everywhere else."""

import contextlib
import os
import sys
from collections.abc import Iterator

from absl import flags

from autometa_tf.experiments.events import Reporter
from autometa_tf.programs.progress_lines import say

PLAIN = flags.DEFINE_bool(
    "plain",
    False,
    "Whether progress is told in plain lines on a terminal too, as it is wherever the "
    "standard error is none, or TERM=dumb.",
)


@contextlib.contextmanager
def progress_display() -> Iterator[Reporter]:
    """Gives a reporter of events for as long as the work goes on."""
    if not _is_drawn():
        yield say
        return
    # Takes a tenth of a second, which `--help` and lines need not wait for.
    from autometa_tf.programs.live_view import LiveView

    view = LiveView()
    with contextlib.closing(view):
        yield view


def _is_drawn() -> bool:
    """Whether progress is drawn: on a terminal that can, unless lines are asked for."""
    can_draw = (os.environ.get("TERM") or "dumb") != "dumb"
    return sys.stderr.isatty() and can_draw and not PLAIN.value
