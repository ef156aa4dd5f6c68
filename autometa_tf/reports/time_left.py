"""How long a search will still take, as far as its folder tells."""

from collections.abc import Sequence

from autometa_tf.reports.run_record import RunRecord
from autometa_tf.search.evaluation_plan import EvaluationPlan


def seconds_left(record: RunRecord) -> float | None:
    """The seconds that the search still needs at the speed it has had so far.

    A candidate counts as much work as it has blocks, and at a rung its share of that, as
    in the lines of the search itself.

    Returns:
      The seconds, no more than the time budget leaves; None where the search is over or
      nothing is known yet.
    """
    plan = record.experiment.evaluation_plan
    done = sum(map(plan.work, record.all_evaluations))
    if record.search_is_over or not done or not record.seconds_spent:
        return None
    left = max(0.0, _whole_work(record, plan) - done)
    seconds = left * record.seconds_spent / done
    if budget := record.experiment.search.time_budget_hours:
        seconds = min(seconds, max(0.0, 3600 * budget - record.seconds_spent))
    return seconds


def _whole_work(record: RunRecord, plan: EvaluationPlan) -> float:
    """Of all stages, later ones as planned, and the finalists as large as can be."""
    stages = record.state.stages
    work = sum(
        _work_of_stage(plan, [genome.num_blocks for genome in stage.genomes])
        for stage in stages
    )
    search = record.experiment.search
    for number in range(len(stages) + 1, record.num_planned_stages + 1):
        work += _work_of_stage(plan, [number] * search.beam_size)
    blocks = search.max_num_blocks
    return work + plan.num_finalists * blocks * plan.finalist_share


def _work_of_stage(plan: EvaluationPlan, blocks: Sequence[int]) -> float:
    mean = sum(blocks) / len(blocks)
    counts = plan.num_reaching(len(blocks))
    return mean * sum(
        count * share for count, share in zip(counts, plan.shares, strict=True)
    )
