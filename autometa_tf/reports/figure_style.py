"""How all figures look: colours that colour-blind people can tell apart, large type."""

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

# These are of Okabe and Ito's palette.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, SKY, PURPLE = "#E69F00", "#56B4E9", "#CC79A7"
INK, GREY, PALE = "#333333", "#8a8a8a", "#e4e4e4"
LINE_COLORS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)

_DPI = 150
_STYLE = {
    "font.family": "DejaVu Sans",  # Comes with Matplotlib, so all machines have it.
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "text.color": INK,
    # Names of runs may hold dollar signs.
    "text.parse_math": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.1,
    "savefig.dpi": _DPI,
}


@contextlib.contextmanager
def figure_style() -> Iterator[None]:
    """Within it, figures are made and saved in this style."""
    with matplotlib.rc_context(_STYLE):
        yield


def save_figure(figure: Figure, directory: str, file_name: str) -> int:
    """Writes a figure as PNG, and returns the width in pixels to show it with.

    It has twice the pixels, for screens that show them.
    """
    figure.savefig(os.path.join(directory, file_name))
    return round(figure.get_figwidth() * _DPI / 2)


def stage_color(number: int, num_stages: int) -> tuple[float, ...]:
    """A stage's colour: later ones are lighter, and none is too light for white."""
    position = (number - 1) / max(1, num_stages - 1)
    return matplotlib.colormaps["viridis"](0.86 * position)


def scatter(axes: Axes, xs: Sequence[float], ys: Sequence[float], **style: Any) -> None:
    """Draws dots that can be told apart where they overlap."""
    style = {"s": 34, "edgecolor": "white", "linewidth": 0.5, "zorder": 3} | style
    axes.scatter(xs, ys, **style)


def limits(
    values: Collection[float], margin: float = 0.06, min_span: float = 0.0
) -> tuple[float, float]:
    """Where an axis begins and ends that shows these values.

    Args:
      values: At least one.
      margin: Room on either side, as a share of what the values span.
      min_span: What the values are taken to span at least.
    """
    lowest, highest = min(values), max(values)
    missing = max(0.0, min_span - (highest - lowest)) / 2
    room = margin * (highest - lowest + 2 * missing) + missing
    return lowest - room, highest + room


def percent_axis(axis: Axis, num_ticks: int = 8) -> None:
    """Labels an axis of accuracies in percent, with no more digits than needed."""
    axis.set_major_locator(MaxNLocator(num_ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.5g}%"))
