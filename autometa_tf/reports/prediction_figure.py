"""Predicted against actual scores, stage by stage."""

import dataclasses
import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autometa_tf.plain_text import counted, decimal
from autometa_tf.reports.figure_style import (
    GREY,
    limits,
    percent_axis,
    scatter,
    stage_color,
)
from autometa_tf.search.state import SearchState

_MAX_COLUMNS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictedStage:
    """A stage's predictions, made before its training, and what came true.

    Attributes:
      number: The stage's number.
      predictions: The predictions of the candidates that have a score.
      scores: Their scores at the first rung.
      spearman: Spearman's rank correlation of the two; None where it is undefined.
      kendall: Kendall's rank correlation of the two, likewise.
    """

    number: int
    predictions: tuple[float, ...]
    scores: tuple[float, ...]
    spearman: float | None
    kendall: float | None


def predicted_stages(state: SearchState) -> list[PredictedStage]:
    """The stages with predictions of which a candidate has a score."""
    found = []
    for stage in state.stages:
        scored = state.comparable(stage)
        if stage.predictions is None or not scored:
            continue
        quality = state.prediction_quality(stage)
        prediction_of = dict(zip(stage.genomes, stage.predictions, strict=True))
        found.append(
            PredictedStage(
                number=stage.number,
                predictions=tuple(prediction_of[found.genome] for found in scored),
                scores=tuple(found.score for found in scored),
                spearman=quality.spearman,
                kendall=quality.kendall,
            )
        )
    return found


def draw_predictions(state: SearchState) -> Figure:
    """Draws each stage in a panel; at least one stage must have predictions."""
    stages = predicted_stages(state)
    num_columns = min(_MAX_COLUMNS, len(stages))
    # Four panels look better as two rows of two.
    if len(stages) == 4:
        num_columns = 2
    num_rows = math.ceil(len(stages) / num_columns)
    figure = Figure(figsize=(max(5.0, 3.9 * num_columns), 3.9 * num_rows))
    for index, stage in enumerate(stages):
        axes = figure.add_subplot(num_rows, num_columns, index + 1)
        _draw_stage(axes, stage, stage_color(stage.number, len(state.stages)))
    figure.supxlabel("predicted score", fontsize=11)
    figure.supylabel("actual score", fontsize=11)
    return figure


def _draw_stage(axes: Axes, stage: PredictedStage, color: tuple[float, ...]) -> None:
    scatter(axes, stage.predictions, stage.scores, color=[color])
    # The two axes have scales of their own, since predictions vary less than scores;
    # where they meet, a line shows the predictions that are right.
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1.2, linestyle="--", zorder=1)
    axes.set(
        xlim=limits(stage.predictions, min_span=0.01),
        ylim=limits(stage.scores, min_span=0.01),
    )
    axes.set_title(f"stage {stage.number}", pad=22)
    axes.text(
        0,
        1.03,
        f"Spearman {decimal(stage.spearman)}, Kendall {decimal(stage.kendall)}, "
        f"{counted(len(stage.scores), 'cell')}",
        transform=axes.transAxes,
        fontsize=9.5,
    )
    percent_axis(axes.xaxis, 4)
    percent_axis(axes.yaxis, 5)
