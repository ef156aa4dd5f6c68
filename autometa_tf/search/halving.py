"""Which evaluations a stage still needs: successive halving, rung by rung.

Rungs are synchronous: who goes on to the next is a function of all scores at a rung, so
that it depends neither on the order in which they come nor on the number of workers. A
candidate goes on as soon as its place is certain, so that few workers wait.
"""

from collections.abc import Iterator, Sequence

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState, rank


def evaluations_needed(
    state: SearchState, plan: EvaluationPlan
) -> Iterator[tuple[Genome, EvaluationKey]]:
    """Yields what the last stage needs next and can have now, lowest rungs first.

    With none, the stage is complete.
    """
    if not state.stages:
        return
    stage = state.stages[-1]
    reaching: Sequence[Genome] = stage.genomes
    if stage.is_closed:
        reaching = [genome for genome in reaching if genome in state.evaluations]
    at_most = plan.num_reaching(len(reaching))
    all_are_known = True
    for index, key in enumerate(plan.keys):
        curves = [state.curve(genome) for genome in reaching]
        done = [curve[index] for curve in curves if len(curve) > index]
        for genome, curve in zip(reaching, curves, strict=True):
            if len(curve) == index:
                yield genome, key
        if index + 1 == len(plan.keys):
            return
        num_here = len(reaching) if all_are_known else at_most[index]
        reaching = certain_to_go_on(
            done, num_unknown=num_here - len(done), num_going_on=at_most[index + 1]
        )
        all_are_known = all_are_known and len(done) == num_here


def finalists_needed(
    state: SearchState, plan: EvaluationPlan
) -> list[tuple[Genome, EvaluationKey]]:
    """What the best candidates of a search whose stages are complete still need."""
    if plan.finalist_key is None:
        return []
    number = state.num_finalists
    best = state.ranking[: plan.num_finalists if number is None else number]
    return [
        (found.genome, plan.finalist_key)
        for found in best
        if found.genome not in state.finalists
    ]


def certain_to_go_on(
    done: Sequence[Evaluation], *, num_unknown: int, num_going_on: int
) -> list[Genome]:
    """The candidates that go on to the next rung whatever the rest score, sorted.

    Args:
      done: The evaluations at a rung so far. Failures do not go on.
      num_unknown: The number of candidates that have yet to be evaluated there.
      num_going_on: The number of places at the next rung.
    """
    ranked = sorted((found for found in done if found.succeeded), key=rank)
    num_certain = max(0, num_going_on - num_unknown)
    return sorted(found.genome for found in ranked[:num_certain])
