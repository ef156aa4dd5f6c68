"""A search like PNAS that is over in a moment."""

from collections.abc import Callable
from typing import Any

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import Genome
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.loop import run_search
from autometa_tf.search.state import SearchState, Stage, rank
from autometa_tf.search.store import open_store
from autometa_tf.search.strategy import (
    SearchFailedError,
    StagePlan,
    Strategy,
    describe_failed_stage,
)
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY, FakeEvaluator, hash_score
from autometa_tf.workers.evaluator import Evaluator

STAGE_SIZES = (20, 5, 5)
FIRST_GENOMES = one_block_genomes()[: STAGE_SIZES[0]]


class TinySearch:
    """Like PNAS, with few first cells, and it expands the best one only.

    Args:
      num_stages: How many stages to search.
      predict: A function that predicts a cell's score, by which cells are chosen.
    """

    def __init__(
        self,
        num_stages: int = 3,
        predict: Callable[[Genome], float] = lambda genome: hash_score(genome, 1),
    ):
        self._sizes = STAGE_SIZES[:num_stages]
        self._predict = predict

    def plan(self) -> tuple[StagePlan, ...]:
        return tuple(
            StagePlan(num_candidates=size, num_blocks=number)
            for number, size in enumerate(self._sizes, start=1)
        )

    def suggest(self, state: SearchState) -> Stage | None:
        number = len(state.stages) + 1
        if number > len(self._sizes):
            return None
        genomes = FIRST_GENOMES
        if state.stages:
            trained = state.successes_of(state.stages[-1])
            if not trained:
                raise SearchFailedError(describe_failed_stage(state))
            genomes = expand_beam([min(trained, key=rank).genome])
        return Stage(
            number=number,
            genomes=tuple(
                sorted(sorted(genomes, key=self._predict)[: self._sizes[number - 1]])
            ),
            num_expanded=len(genomes),
            num_distinct=len(genomes),
        )


def search(
    run_dir: str,
    evaluator: Evaluator | None = None,
    strategy: Strategy | None = None,
    **kwargs: Any,
) -> SearchState:
    """Runs a search, unless told otherwise a tiny one; `kwargs` are `run_search`'s."""
    with open_store(run_dir) as store:
        return run_search(
            strategy or TinySearch(),
            evaluator or FakeEvaluator(),
            store,
            **{"plan": plan_without_rungs(DEFAULT_KEY)} | kwargs,
        )


def fail_some(genome: Genome) -> str:
    """A failure for every tenth genome or so."""
    return "NaN" if hash_score(genome, 2) < 0.1 else ""
