"""The best score so far of several runs, by what they have spent."""

import dataclasses
import itertools
from collections.abc import Sequence

from matplotlib.figure import Figure

from autometa_tf.reports.figure_style import LINE_COLORS, limits, percent_axis
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.score_figure import score_points

_LINE_STYLES = ("-", "--", ":")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve:
    """One run's best score so far, from its first score to its last candidate.

    Attributes:
      counts: Candidates evaluated.
      hours: Hours the candidates up to there took together.
      best_scores: The highest score by then.
    """

    counts: tuple[int, ...]
    hours: tuple[float, ...]
    best_scores: tuple[float, ...]


def best_score_curve(record: RunRecord) -> Curve:
    """A run's curve; empty without a score."""
    seconds = itertools.accumulate(found.seconds for found in record.evaluations)
    found = [
        (point.count, second / 3600, point.best_score)
        for point, second in zip(score_points(record), seconds, strict=True)
        if point.best_score is not None
    ]
    counts, hours, best_scores = zip(*found, strict=True) if found else ((), (), ())
    return Curve(counts=counts, hours=hours, best_scores=best_scores)


def draw_comparison(records: Sequence[RunRecord]) -> Figure:
    """Draws the curves; at least one of the runs must have a score."""
    curves = [best_score_curve(record) for record in records]
    figure = Figure(figsize=(11, 4.8))
    by_count, by_hours = figure.subplots(1, 2, sharey=True)
    for index, (record, curve) in enumerate(zip(records, curves, strict=True)):
        style = {
            "where": "post",
            "color": LINE_COLORS[index % len(LINE_COLORS)],
            "linestyle": _LINE_STYLES[index // len(LINE_COLORS) % len(_LINE_STYLES)],
            "linewidth": 2.2,
        }
        by_count.step(curve.counts, curve.best_scores, label=record.name, **style)
        by_hours.step(curve.hours, curve.best_scores, **style)
    scores = [score for curve in curves for score in curve.best_scores]
    by_count.set(
        ylim=limits(scores, 0.08, min_span=0.01),
        xlabel="candidates evaluated",
        ylabel="best score so far (transductive accuracy)",
    )
    by_hours.set(xlabel="candidate hours")
    for axes in (by_count, by_hours):
        axes.margins(x=0.02)
        axes.xaxis.set_major_formatter("{x:,g}")
    percent_axis(by_count.yaxis)
    figure.legend(loc="outside upper center", ncols=min(4, len(records)))
    return figure
