"""Runs any search strategy on a table of scores, for whoever writes one.

Nothing is trained: the scores are known beforehand, from the training of all cells of a
small space, say, or made up. At every step the strategy is held to what `Strategy`
promises, so that one which runs here also runs in `run_search`, where it can be
interrupted at any time.

A strategy of one's own, from the first line to the curve that people plot:

>>> from autometa_tf.genomes.expansion import one_block_genomes
>>> from autometa_tf.search.state import Stage
>>> from autometa_tf.search.strategy import StagePlan
>>> class FirstCells:
...     '''Trains the first few cells of one block, and no others.'''
...
...     def __init__(self, num_cells):
...         self.num_cells = num_cells
...
...     def plan(self):
...         return (StagePlan(num_candidates=self.num_cells, num_blocks=1),)
...
...     def suggest(self, state):
...         if state.stages:
...             return None
...         cells = one_block_genomes()
...         return Stage(
...             number=1,
...             genomes=tuple(cells[: self.num_cells]),
...             num_expanded=len(cells),
...             num_distinct=len(cells),
...         )
>>> # Of the four cells the second fails.
>>> table = dict(zip(one_block_genomes(), (0.25, None, 0.75, 0.5)))
>>> found = run_on_table(FirstCells(4), table)
>>> found.best_scores
(0.25, 0.25, 0.75, 0.75)
>>> found.state.best.genome == one_block_genomes()[2]
True

A table need not list all cells of a large space: of a `dict` with a method
`__missing__` it asks for just those that the strategy suggests.
"""

import dataclasses
from collections.abc import Mapping

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.strategy import (
    SearchFailedError,
    StagePlan,
    Strategy,
    describe_failed_stage,
)

# Scores of a table come from no training that a key could tell of.
_KEY = EvaluationKey(seed=0, outer_iterations=1, rung=1, num_episodes=2)


class BrokenPromiseError(RuntimeError):
    """A strategy does what the protocol `Strategy` rules out."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TableSearch:
    """A search that a strategy made on a table of scores.

    Attributes:
      state: The final state, with all stages and evaluations.
      best_scores: The best score after each evaluation, from stage to stage and by
        genome within one; None as long as all have failed.
    """

    state: SearchState
    best_scores: tuple[float | None, ...]


def run_on_table(
    strategy: Strategy, table: Mapping[Genome, float | None]
) -> TableSearch:
    """Runs a search to its end in memory, and checks the strategy's promises.

    For that it asks for every stage three times: twice in a row, the second time with
    the evaluations in another order, and once more after the search, as if a search
    that was interrupted went on.

    Args:
      strategy: The strategy to run.
      table: The score of each cell, in [0, 1]; None for a cell that fails.

    Raises:
      BrokenPromiseError: The strategy does what the protocol `Strategy` rules out.
      SearchFailedError: The strategy has nothing left to choose from, or all
        candidates have failed.
      ValueError: The strategy suggests a cell that is not in the table, a score is out
        of its range, or a stage contradicts itself, as one with a cell twice does.
    """
    plan = strategy.plan()
    states, best_scores = [SearchState()], []
    while (stage := _ask(strategy, states[-1])) is not None:
        _check_stage(stage, states[-1], plan)
        evaluations = dict(states[-1].evaluations)
        for genome in stage.genomes:
            evaluations[genome] = found = _look_up(genome, table)
            so_far = best_scores[-1:] + [found.score]
            scores = [score for score in so_far if score is not None]
            best_scores.append(max(scores, default=None))
        stages = (*states[-1].stages, stage)
        states.append(SearchState(stages=stages, evaluations=evaluations))
        _check(strategy.plan() == plan, "must always have the same plan()", plan)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        _check(
            _suggest(strategy, before) == after.stages[-1],
            "must suggest a stage again when it is asked about an earlier state, as "
            "after an interruption: it must not remember what came later",
            f"another stage {after.stages[-1].number} when the search was over",
        )
    if states[-1].best is None:
        raise SearchFailedError(describe_failed_stage(states[-1]))
    return TableSearch(state=states[-1], best_scores=tuple(best_scores))


def _ask(strategy: Strategy, state: SearchState) -> Stage | None:
    """Asks twice, the second time with the evaluations in the opposite order."""
    stage = _suggest(strategy, state)
    evaluations = dict(reversed(state.evaluations.items()))
    again = _suggest(strategy, dataclasses.replace(state, evaluations=evaluations))
    _check(
        stage == again,
        "must suggest the same stage for the same state, whatever the order of its "
        "evaluations",
        f"two stages for {len(state.stages) + 1}",
    )
    return stage


def _suggest(strategy: Strategy, state: SearchState) -> Stage | None:
    kept = SearchState(stages=state.stages, evaluations=dict(state.evaluations))
    stage = strategy.suggest(state)
    _check(
        state == kept,
        "must not change the state that it is asked about",
        f"a state that has changed after {len(kept.stages)} stages",
    )
    return stage


def _check_stage(stage: Stage, state: SearchState, plan: tuple[StagePlan, ...]) -> None:
    """Checks what a `Stage` does not check itself."""
    _check(isinstance(stage, Stage), "must suggest a Stage, or None", stage)
    number = len(state.stages) + 1
    _check(stage.number == number, f"must number its stage {number}", f"{stage.number}")
    _check(
        number <= len(plan),
        "must not suggest more stages than it has planned",
        f"stage {number} of {len(plan)}",
    )
    planned, count = plan[number - 1], len(stage.genomes)
    _check(
        count <= planned.num_candidates,
        "must not suggest more candidates than it has planned",
        f"{count} for {planned.num_candidates} in stage {number}",
    )
    for genome in stage.genomes:
        _check(
            genome.num_blocks <= planned.num_blocks,
            f"must not suggest cells of more than the {planned.num_blocks} blocks that "
            f"it has planned for stage {number}",
            genome,
        )
        _check(
            canonical_form(genome) == genome,
            "must suggest cells in their canonical form",
            genome,
        )
        _check(
            genome not in state.evaluations,
            "must not suggest a cell a second time",
            f"{genome} in stage {number}",
        )


def _check(kept: bool, promise: str, received: object) -> None:
    if not kept:
        raise BrokenPromiseError(f"A strategy {promise}. Received: {received}.")


def _look_up(genome: Genome, table: Mapping[Genome, float | None]) -> Evaluation:
    try:
        score = table[genome]
    except KeyError:
        raise ValueError(
            "`table` must have every cell that a strategy suggests, and None for one "
            f"that fails. Received none: {genome}."
        ) from None
    return Evaluation(
        genome=genome,
        key=_KEY,
        score=None if score is None else float(score),
        failure="the table has no score for it" if score is None else "",
    )
