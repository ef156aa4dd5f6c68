"""Scores against the sizes of networks."""

from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.reports.figure_style import (
    INK,
    limits,
    percent_axis,
    scatter,
    stage_color,
)
from autometa_tf.search.state import SearchState, rank


def best_by_size(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """The cells better than all that are no larger, from the smallest to the best."""
    found = []
    for evaluation in sorted(evaluations, key=lambda e: (e.num_parameters, rank(e))):
        if not found or evaluation.score > found[-1].score:
            found.append(evaluation)
    return found


def draw_sizes(state: SearchState) -> Figure:
    """Draws all candidates with a score, of which there must be one."""
    figure = Figure(figsize=(10, 5))
    axes = figure.add_subplot()
    for stage in state.stages:
        found = state.successes_of(stage)
        scatter(
            axes,
            [evaluation.num_parameters for evaluation in found],
            [evaluation.score for evaluation in found],
            color=[stage_color(stage.number, len(state.stages))],
            label=f"stage {stage.number}",
        )
    best = best_by_size(state.successes)
    largest = max(evaluation.num_parameters for evaluation in state.successes)
    axes.step(
        [evaluation.num_parameters for evaluation in best] + [largest],
        [evaluation.score for evaluation in best] + [best[-1].score],
        where="post",
        color=INK,
        linewidth=1.6,
        label="best up to this size",
        zorder=2,
    )
    scores = [evaluation.score for evaluation in state.successes]
    sizes = [evaluation.num_parameters for evaluation in state.successes]
    axes.set(
        xlim=limits(sizes, min_span=100),
        ylim=limits(scores, 0.08, min_span=0.01),
        xlabel="parameters",
        ylabel="score (transductive accuracy)",
    )
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    percent_axis(axes.yaxis)
    figure.legend(loc="outside upper center", ncols=min(6, len(state.stages) + 1))
    return figure
