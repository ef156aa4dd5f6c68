"""Every candidate's score, and the best so far, by candidates evaluated."""

import dataclasses

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autometa_tf.plain_text import percent
from autometa_tf.reports.figure_style import (
    INK,
    ORANGE,
    VERMILLION,
    limits,
    percent_axis,
    scatter,
    stage_color,
)
from autometa_tf.reports.run_record import RunRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScorePoint:
    """One candidate, in the order in which they were evaluated.

    Attributes:
      count: How many were evaluated by then, this one included.
      stage: The number of its stage.
      score: Its score; None when it failed.
      best_score: The highest so far; None before there is any.
    """

    count: int
    stage: int
    score: float | None
    best_score: float | None


def score_points(record: RunRecord) -> list[ScorePoint]:
    """The points of the figure."""
    stage_of = {
        genome: stage.number
        for stage in record.state.stages
        for genome in stage.genomes
    }
    points = []
    best_score = None
    for count, evaluation in enumerate(record.evaluations, start=1):
        if evaluation.succeeded:
            best_score = max(evaluation.score, best_score or 0.0)
        points.append(
            ScorePoint(
                count=count,
                stage=stage_of[evaluation.genome],
                score=evaluation.score,
                best_score=best_score,
            )
        )
    return points


def draw_scores(record: RunRecord) -> Figure:
    """Draws the scores, of which the record must have one."""
    points = score_points(record)
    scored = [point for point in points if point.score is not None]
    figure = Figure(figsize=(10, 5))
    axes = figure.add_subplot()
    num_stages = len(record.state.stages)
    for number in range(1, num_stages + 1):
        here = [point for point in scored if point.stage == number]
        scatter(
            axes,
            [point.count for point in here],
            [point.score for point in here],
            color=[stage_color(number, num_stages)],
            label=f"stage {number}",
        )
    _draw_failures(axes, [point.count for point in points if point.score is None])
    _draw_best(axes, points, record.evaluations.index(record.best_candidate))
    axes.set(
        xlim=limits([1, len(points)], 0.02),
        ylim=limits([point.score for point in scored], 0.08, min_span=0.01),
        xlabel="candidates evaluated",
        ylabel="score (transductive accuracy)",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    percent_axis(axes.yaxis)
    figure.legend(
        loc="outside upper center", ncols=num_stages + 3 if num_stages < 6 else 7
    )
    return figure


def _draw_best(axes: Axes, points: list[ScorePoint], best_index: int) -> None:
    """Draws a line along the best so far, and a star at the best of all."""
    known = [point for point in points if point.best_score is not None]
    axes.step(
        [point.count for point in known],
        [point.best_score for point in known],
        where="post",
        color=INK,
        linewidth=1.5,
        label="best so far",
        zorder=4,
    )
    best = points[best_index]
    scatter(
        axes,
        [best.count],
        [best.score],
        marker="*",
        s=260,
        color=ORANGE,
        edgecolor=INK,
        zorder=5,
        label=f"best: {percent(best.score)}",
    )


def _draw_failures(axes: Axes, counts: list[int]) -> None:
    """Draws crosses at the lower edge, since no score says where to place them."""
    if counts:
        axes.scatter(
            counts,
            [0.015] * len(counts),
            transform=axes.get_xaxis_transform(),
            marker="x",
            s=30,
            color=VERMILLION,
            label="failed",
            zorder=4,
        )
