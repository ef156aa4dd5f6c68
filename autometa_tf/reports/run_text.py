"""What there is to say of a run in words."""

from collections.abc import Mapping
from typing import Any

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.learners.score import Score
from autometa_tf.plain_text import (
    counted,
    decimal,
    hours,
    one_line,
    percent,
    short,
)
from autometa_tf.reports.cost_summary import failure_counts, summarize_costs
from autometa_tf.reports.finalists_text import choice_line, ranked_finalists
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.reports.stage_summary import summarize_stages
from autometa_tf.search.config_differences import flat_fields


def status(record: RunRecord) -> str:
    """How far the run is: a word and, when it is not finished, details after a colon.

    An example is "unfinished: stage 3 of 5, 57 of its 100 candidates".
    """
    if record.summary:
        return "finished"
    if record.search_is_over:
        return "searched: the best cell is not yet trained in full"
    if not record.state.stages:
        return "begun: there is no stage yet"
    if record.stages_are_over:
        finalists = counted(record.state.num_finalists or 0, "finalist")
        return f"unfinished: {len(record.state.finalists):,} of {finalists}"
    stage = summarize_stages(record.state)[-1]
    return (
        f"unfinished: stage {stage.number} of {record.num_planned_stages}, "
        f"{stage.num_evaluated:,} of its {counted(stage.num_candidates, 'candidate')}"
    )


def best_lines(record: RunRecord) -> list[str]:
    """What the best cell is, of which there must be one, and how good it is."""
    best, summary = record.best_candidate, record.summary
    split = record.experiment.search.scoring_split
    lines = [f"Best cell: {best.genome}"]
    if summary:
        accuracy = summary.accuracy
        both = _both_accuracies(
            final_accuracy(accuracy.transductive),
            final_accuracy(accuracy.non_transductive),
        )
        lines.append(
            f"Trained in full, {summary.num_parameters:,} parameters: {both} over "
            + counted(accuracy.transductive.num_episodes, f"{accuracy.split} episode")
        )
    if summary and split == accuracy.split:
        lines.append(
            f"The {split} classes also chose the cell: to it they are not unseen"
        )
    both = _both_accuracies(
        percent(best.score, best.score_ci95),
        percent(best.non_transductive_score, best.non_transductive_ci95),
    )
    lines.append(
        f"As a candidate, {best.num_parameters:,} parameters: {both} over "
        f"{counted(best.key.num_episodes, f'{split} episode')}"
    )
    if best.score_ci95 is not None:
        scores = [found.score for found in record.state.successes]
        num_near = sum(score >= best.score - best.score_ci95 for score in scores)
        lines.append(
            "Scores within the 95% confidence interval of the best: "
            f"{num_near:,} of {len(scores):,}"
        )
    finalists = ranked_finalists(record.state)
    if finalists:
        found = finalists[0]
        lines.append(
            f"As a finalist, after {found.key.outer_iterations:,} outer iterations: "
            f"{percent(found.score, found.score_ci95)} transductive over "
            f"{counted(found.key.num_episodes, f'{split} episode')}"
        )
    if len(finalists) > 1:
        lines.append(choice_line(finalists))
    return lines


def final_accuracy(score: Score) -> str:
    """An accuracy over so many episodes that two decimal places count."""
    return percent(score.mean, score.ci95, places=2)


def _both_accuracies(transductive: str, non_transductive: str) -> str:
    return f"{transductive} transductive, {non_transductive} non-transductive"


def setting_rows(experiment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every field of an experiment, as JSON has it: its name and its value."""
    return [
        (path.rpartition(".")[2], "not given" if value is None else str(value))
        for path, value in flat_fields(experiment)
    ]


def _what_was_run(experiment: ExperimentConfig) -> str:
    """The experiment's data, episodes and search in one line."""
    shape = "x".join(str(size) for size in experiment.data.image_shape)
    episodes, search = experiment.episodes, experiment.search
    return (
        f"{experiment.data.dataset}, images of {shape}; {episodes.ways}-way "
        f"{episodes.shots}-shot, trained with {episodes.train_shots} shots; "
        f"{search.search_strategy}, B = {search.max_num_blocks}, "
        f"K = {search.beam_size}"
    )


def summary_lines(record: RunRecord) -> list[str]:
    """The whole run in a few lines for a terminal."""
    lines = [
        f"Run {one_line(record.name)}: {status(record)}",
        _what_was_run(record.experiment),
    ]
    if record.state.best:
        lines += best_lines(record)
    else:
        lines.append("No candidate has a score yet")
    num_candidates = counted(len(record.evaluations), "candidate")
    num_stages = counted(len(record.state.stages), "stage")
    failures = failure_counts(record.evaluations)
    failed = f"{sum(count for _, count in failures):,} failed"
    if failures:
        failed += f" (most often: {one_line(failures[0][0], 80)})"
    costs = summarize_costs(record.all_evaluations)
    lines += [
        f"{num_candidates} in {num_stages}, {failed}",
        f"{hours(costs.total_seconds)} of candidates' training and scoring, "
        f"{short(costs.seconds_per_candidate)} s for each",
    ]
    ranked = [
        f"stage {stage.number} {decimal(quality.spearman)}"
        for stage in record.state.stages
        if (quality := record.state.prediction_quality(stage))
    ]
    if ranked:
        lines.append(f"Spearman of predictions, out-of-sample: {', '.join(ranked)}")
    return lines
