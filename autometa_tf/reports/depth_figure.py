"""How deep the cells of each stage are, as in the paper's Figure 2."""

import collections
from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.reports.stage_summary import best_quarter
from autometa_tf.search.state import SearchState

_MIN_LABELLED_SHARE = 0.06


def depth_shares(evaluations: Sequence[Evaluation]) -> dict[int, float]:
    """Each depth that occurs, in blocks, and the share of cells which have it."""
    counts = collections.Counter(found.genome.depth for found in evaluations)
    return {depth: counts[depth] / len(evaluations) for depth in sorted(counts)}


def draw_depths(state: SearchState) -> Figure:
    """Draws the shares of depths, of all cells and of the best; needs a score."""
    successes = [
        (stage.number, found)
        for stage in state.stages
        if (found := state.successes_of(stage))
    ]
    max_depth = max(found.genome.depth for found in state.successes)
    figure = Figure(figsize=(10, 1.5 + 0.5 * len(successes)))
    panels = figure.subplots(1, 2, sharey=True)
    titles = ("all cells of the stage", "best quarter of the stage")
    for axes, title, select in zip(panels, titles, (list, best_quarter), strict=True):
        for row, (_, found) in enumerate(successes):
            _draw_bar(axes, row, depth_shares(select(found)), max_depth)
        axes.set_title(title)
        axes.set(xlim=(0, 1), ylim=(len(successes) - 0.5, -0.5))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.grid(False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.tick_params(length=0)
        labels = [f"stage {number} ({len(found):,})" for number, found in successes]
        axes.set_yticks(range(len(successes)), labels)
    handles = [
        Patch(color=_color(depth, max_depth), label=f"depth {depth}")
        for depth in range(1, max_depth + 1)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(5, max_depth))
    return figure


def _draw_bar(axes: Axes, row: int, shares: dict[int, float], max_depth: int) -> None:
    left = 0.0
    for depth, share in shares.items():
        color = _color(depth, max_depth)
        axes.barh(row, share, left=left, height=0.72, color=[color], edgecolor="white")
        if share >= _MIN_LABELLED_SHARE:
            axes.text(
                left + share / 2,
                row,
                f"{100 * share:.0f}%",
                ha="center",
                va="center",
                fontsize=10,
                color="white" if _is_dark(color) else "black",
            )
        left += share


def _color(depth: int, max_depth: int) -> tuple[float, ...]:
    """The deeper, the darker."""
    position = (depth - 1) / max(1, max_depth - 1)
    return matplotlib.colormaps["cividis_r"](0.08 + 0.88 * position)


def _is_dark(color: tuple[float, ...]) -> bool:
    red, green, blue = color[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
