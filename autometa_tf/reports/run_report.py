"""The report of one run: tables and figures in Markdown."""

import os
import statistics
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.plain_text import (
    MISSING,
    counted,
    decimal,
    hours,
    percent,
    short,
)
from autometa_tf.reports.candidate_table import write_candidate_table
from autometa_tf.reports.cell_figure import draw_cell
from autometa_tf.reports.cost_summary import failure_counts, summarize_costs
from autometa_tf.reports.depth_figure import draw_depths
from autometa_tf.reports.figure_style import figure_style, save_figure
from autometa_tf.reports.finalists_text import finalists_section
from autometa_tf.reports.idle_rows import idle_rows
from autometa_tf.reports.markdown import escape, image, table
from autometa_tf.reports.pareto_section import pareto_section
from autometa_tf.reports.prediction_figure import draw_predictions, predicted_stages
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.run_text import best_lines, setting_rows, status
from autometa_tf.reports.score_figure import draw_scores
from autometa_tf.reports.size_figure import draw_sizes
from autometa_tf.reports.stage_summary import summarize_stages
from autometa_tf.search.exploration import drawn_at_random

REPORT_FILE_NAME = "report.md"
TABLE_FILE_NAME = "candidates.csv"
_MAX_REASONS = 10

# File name, title, the function that makes the figure, its arguments -> Markdown.
Draw = Callable[..., str]


def write_run_report(record: RunRecord, directory: str) -> str:
    """Writes `report.md`, its figures and its table, over those of an earlier report.

    Args:
      record: The run.
      directory: Where to write, made when there is none.

    Returns:
      The path of `report.md`.

    Raises:
      OSError: It cannot be written.
    """
    os.makedirs(directory, exist_ok=True)

    def draw(
        name: str, title: str, make_figure: Callable[..., Figure], *arguments: Any
    ) -> str:
        figure = make_figure(*arguments)
        return image(title, name, save_figure(figure, directory, name))

    with figure_style():
        sections = [
            f"# Search {escape(record.name)}",
            f"Status: {escape(status(record))}.",
            *_result(record, draw),
            *finalists_section(record),
            *pareto_section(record),
            *_stages(record, draw),
            *_predictor(record, draw),
            *_cells(record, draw),
            *_costs(record),
            *_failures(record),
            *_settings(record),
            f"All evaluations are in [{TABLE_FILE_NAME}]({TABLE_FILE_NAME}), one line for "
            "each rung that a candidate has reached and one more for each finalist.",
        ]
    write_candidate_table(record, os.path.join(directory, TABLE_FILE_NAME))
    path = os.path.join(directory, REPORT_FILE_NAME)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(sections) + "\n")
    return path


def _result(record: RunRecord, draw: Draw) -> list[str]:
    best = record.state.best
    if best is None:
        return ["## Best cell", "No candidate has a score yet."]
    return [
        "## Best cell",
        "\n".join(f"- {escape(line)}" for line in best_lines(record)),
        draw("cell.png", "The best cell", draw_cell, best.genome),
        f"```json\n{genome_to_json(best.genome)}\n```",
    ]


def _stages(record: RunRecord, draw: Draw) -> list[str]:
    rows = []
    for stage in summarize_stages(record.state):
        done = f"{stage.num_evaluated:,} of {stage.num_candidates:,}"
        is_done = stage.num_evaluated == stage.num_candidates
        rows.append(
            [
                str(stage.number),
                f"{stage.num_expanded:,}",
                f"{stage.num_distinct:,}",
                f"{stage.num_candidates:,}" if is_done else done,
                f"{stage.num_failures:,}",
                percent(stage.best_score),
                percent(stage.median_score),
                MISSING if stage.median_depth is None else f"{stage.median_depth:g}",
            ]
        )
    header = ["Stage", "Cells to choose from", "Distinct", "Candidates", "Failed"]
    header += ["Best score", "Median score", "Median depth"]
    sections = ["## Stages", table(header, rows, "r" * len(header))]
    if record.state.best:
        title = "Scores of all candidates, and the best so far"
        sections.append(draw("scores.png", title, draw_scores, record))
    return sections


def _predictor(record: RunRecord, draw: Draw) -> list[str]:
    rows = []
    for stage in record.state.stages:
        for on, kind, quality in (
            (stage.number - 1, "in-sample", stage.fit_quality),
            (stage.number, "out-of-sample", record.state.prediction_quality(stage)),
        ):
            if quality:
                rows.append(
                    [
                        str(stage.number),
                        f"stage {on}, {kind}",
                        f"{quality.num_genomes:,}",
                        decimal(quality.spearman),
                        decimal(quality.kendall),
                        percent(quality.mean_absolute_error),
                    ]
                )
    if not rows:
        return []
    header = ["Predictor of stage", "Judged on", "Cells"]
    header += ["Spearman", "Kendall", "Mean absolute error"]
    sections = [
        "## Predictor",
        "The predictor that chose a stage's candidates, judged on the stage before, "
        "which it was fitted on, and on the one it chose, which it had not seen; both "
        "by their scores at the first rung.",
        table(header, rows, "rlrrrr"),
    ]
    sections += _exploration(record)
    if predicted_stages(record.state):
        title = "Predicted and actual scores; the dashed line is where they are equal"
        sections.append(draw("predictions.png", title, draw_predictions, record.state))
    return sections


def _exploration(record: RunRecord) -> list[str]:
    rows = []
    for stage in record.state.stages:
        explored = set(drawn_at_random(stage, record.experiment.search))
        scored = record.state.comparable(stage)
        drawn = [found for found in scored if found.genome in explored]
        chosen = [found for found in scored if found.genome not in explored]
        if not drawn or not chosen:
            continue
        quality = record.state.prediction_quality(stage, explored)
        row = [str(stage.number), *_part(chosen), *_part(drawn)]
        rows.append([*row, decimal(quality.spearman)])
    if not rows:
        return []
    header = ["Stage", "Predictor's choice", "Mean", "Best"]
    header += ["Drawn at random", "Mean", "Best", "Spearman"]
    return [
        "What the predictor chose beside what was drawn at random from the same cells, "
        "by scores at the first rung, and how well it ranks what was drawn.",
        table(header, rows, "r" * len(header)),
    ]


def _part(found: list[Evaluation]) -> list[str]:
    scores = [each.score for each in found]
    return [
        f"{len(scores):,}",
        percent(statistics.fmean(scores)),
        percent(max(scores)),
    ]


def _cells(record: RunRecord, draw: Draw) -> list[str]:
    if not record.state.best:
        return []
    state = record.state
    return [
        "## Cells",
        "Depth is the number of blocks on the longest path through a cell.",
        draw("depths.png", "Depths of cells, stage by stage", draw_depths, state),
        draw("sizes.png", "Scores and numbers of parameters", draw_sizes, state),
    ]


def _costs(record: RunRecord) -> list[str]:
    costs = summarize_costs(record.all_evaluations)
    rows = [
        ["Candidate hours in all", hours(costs.total_seconds)],
        [
            "Seconds per candidate",
            f"{short(costs.seconds_per_candidate)} (to build "
            f"{short(costs.build_seconds)}, to train {short(costs.train_seconds)}, "
            f"to score {short(costs.scoring_seconds)})",
        ],
        ["Processes that died or ran out of time", f"{costs.num_retries:,}"],
    ]
    if memory := costs.peak_memory_bytes:
        rows.append(["Most memory of a process", f"{short(memory / 2**30)} GiB"])
    rows += idle_rows(record)
    if record.summary:
        seconds = record.summary.wall_seconds
        rows.append(["The whole run, pauses included", hours(seconds)])
    return ["## Costs", table(["What", "How much"], rows, "ll")]


def _failures(record: RunRecord) -> list[str]:
    counts = failure_counts(record.evaluations)
    if not counts:
        return []
    shown = counts[:_MAX_REASONS]
    rows = [[f"{count:,}", escape(reason)] for reason, count in shown]
    sections = ["## Failures", table(["Times", "Reason"], rows, "rl")]
    if others := counts[_MAX_REASONS:]:
        times = sum(count for _, count in others)
        sections.append(f"And {counted(len(others), 'reason')} more, {times:,} times.")
    return sections


def _settings(record: RunRecord) -> list[str]:
    rows = [("command", record.command), *setting_rows(record.experiment.to_json())]
    rows = [[escape(name), escape(value)] for name, value in rows]
    return ["## Settings", table(["What", "Value"], rows, "ll")]
