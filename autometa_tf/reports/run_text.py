"""What there is to say of a run in words."""

from autometa_tf.plain_text import (
    counted,
    decimal,
    hours,
    one_line,
    percent,
    short,
)
from autometa_tf.reports.cost_summary import failure_counts, summarize_costs
from autometa_tf.reports.run_record import Accuracy, RunRecord
from autometa_tf.reports.stage_summary import summarize_stages


def status(record: RunRecord) -> str:
    """How far the run is: a word and, when it is not finished, details after a colon.

    Such as "unfinished: stage 3 of 5, 57 of its 100 candidates".
    """
    if record.full_training:
        return "finished"
    if record.search_is_over:
        return "searched: the best cell is not yet trained in full"
    if not record.state.stages:
        return "begun: there is no stage yet"
    stage = summarize_stages(record.state)[-1]
    return (
        f"unfinished: stage {stage.number} of {record.num_planned_stages}, "
        f"{stage.num_evaluated:,} of its {counted(stage.num_candidates, 'candidate')}"
    )


def best_lines(record: RunRecord) -> list[str]:
    """What the best cell is, of which there must be one, and how good it is."""
    best, training = record.state.best, record.full_training
    split = record.setting("scoring_split")
    lines = [f"Best cell: {best.genome}"]
    if training:
        num_episodes = training.transductive.num_episodes
        both = _both_accuracies(
            final_accuracy(training.transductive),
            final_accuracy(training.non_transductive),
        )
        lines.append(
            f"Trained in full, {training.num_parameters:,} parameters: {both} over "
            f"{counted(num_episodes, 'test episode')}"
        )
    if training and split == "test":
        lines.append("The test classes also chose the cell: to it they are not unseen")
    both = _both_accuracies(
        percent(best.score, best.score_ci95),
        percent(best.non_transductive_score, best.non_transductive_ci95),
    )
    lines.append(
        f"As a candidate, {best.num_parameters:,} parameters: {both} over "
        f"{counted(best.num_episodes, f'{split} episode')}"
    )
    if best.score_ci95 is not None:
        scores = [found.score for found in record.state.successes]
        num_near = sum(score >= best.score - best.score_ci95 for score in scores)
        lines.append(
            "Scores within the 95% confidence interval of the best: "
            f"{num_near:,} of {len(scores):,}"
        )
    return lines


def final_accuracy(accuracy: Accuracy) -> str:
    """An accuracy over so many episodes that two decimal places count."""
    return percent(accuracy.mean, accuracy.ci95, places=2)


def _both_accuracies(transductive: str, non_transductive: str) -> str:
    return f"{transductive} transductive, {non_transductive} non-transductive"


def settings(record: RunRecord) -> list[tuple[str, str]]:
    """What was run: names and values."""
    get = record.setting
    shape = "x".join(str(size) for size in get("candidate.network.image_shape"))
    ways, shots = get("candidate.episodes.ways"), get("candidate.episodes.shots")
    num_episodes = get("candidate.scoring.num_episodes")
    return [
        ("Command", one_line(get("begun_with.command"))),
        ("Dataset", f"{get('dataset.name')}, images of {shape}"),
        (
            "Episodes",
            f"{ways}-way {shots}-shot, trained with "
            f"{get('candidate.episodes.train_shots')} shots",
        ),
        (
            "Search",
            f"{get('search_strategy')}, B = {get('strategy.max_num_blocks')}, "
            f"K = {get('strategy.beam_size')}",
        ),
        (
            "Network",
            f"F = {get('candidate.network.num_filters')}, "
            f"N = {get('candidate.network.num_cell_repeats')}, feature scale rate "
            f"{get('candidate.network.feature_scale_rate')}",
        ),
        ("Training of a candidate", _training(record)),
        (
            "Score of a candidate",
            f"mean over {num_episodes:,} episodes of {get('scoring_split')} classes",
        ),
        (
            "Training in full",
            f"{get('final.reptile.outer_iterations'):,} outer iterations",
        ),
        (
            "Seeds",
            f"{get('candidate.seed')}; of the class splits {get('dataset.split_seed')}",
        ),
    ]


def _training(record: RunRecord) -> str:
    def get(name):
        return record.setting(f"candidate.reptile.{name}")

    return (
        f"{get('outer_iterations'):,} outer iterations of {get('meta_batch_size')} "
        f"episodes, {get('inner_iterations')} inner iterations of "
        f"{get('inner_batch_size')} images, inner learning rate "
        f"{get('inner_learning_rate')}, outer step size {get('outer_step_size')}"
    )


def summary_lines(record: RunRecord) -> list[str]:
    """The whole run in a few lines for a terminal."""
    named = dict(settings(record))
    lines = [
        f"Run {one_line(record.name)}: {status(record)}",
        f"{named['Dataset']}; {named['Episodes']}; {named['Search']}",
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
    costs = summarize_costs(record.evaluations)
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
