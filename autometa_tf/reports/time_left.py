"""How long a search will still take, as far as its folder tells."""

from autometa_tf.reports.run_record import RunRecord
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.throughput import Throughput


def seconds_left(record: RunRecord) -> float | None:
    """The seconds that the search still needs at the speed it has had so far.

    It is estimated as in the lines of the search itself.

    Returns:
      The seconds, no more than the time budget leaves; None where the search is over or
      nothing is known yet.
    """
    plan = record.experiment.evaluation_plan
    if record.search_is_over or not record.all_evaluations or not record.seconds_spent:
        return None
    done = Throughput()
    for evaluation in record.all_evaluations:
        done.add(evaluation, plan)
    count, work = _whole(record, plan)
    left = max(0, count - done.count), max(0.0, work - done.work)
    seconds = record.seconds_spent * done.times_longer(*left)
    if budget := record.experiment.search.time_budget_hours:
        seconds = min(seconds, max(0.0, 3600 * budget - record.seconds_spent))
    return seconds


def _whole(record: RunRecord, plan: EvaluationPlan) -> tuple[int, float]:
    """Evaluations and work of all stages, as planned, and of finalists at their largest."""
    search, stages = record.experiment.search, record.state.stages
    sizes = [
        (
            sum(genome.num_blocks for genome in stage.genomes) / len(stage.genomes),
            len(stage.genomes),
        )
        for stage in stages
    ]
    for number in range(len(stages) + 1, record.num_planned_stages + 1):
        sizes.append((number, search.beam_size))
    count = sum(sum(plan.num_reaching(candidates)) for _, candidates in sizes)
    work = sum(plan.stage_work(blocks, candidates) for blocks, candidates in sizes)
    finalists = plan.finalists_work(search.max_num_blocks, plan.num_finalists)
    return count + plan.num_finalists, work + finalists
