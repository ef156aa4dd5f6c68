"""Progressive neural architecture search (Liu et al., 2018)."""

import random

import numpy as np

from autometa_tf.genomes.expansion import (
    expand_beam,
    num_expansions,
    one_block_genomes,
)
from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.predictor import Predictor
from autometa_tf.predictors.ranking import ranking_quality
from autometa_tf.search.exploration import chosen_cells
from autometa_tf.search.random_cells import Admits, admit_all
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.strategy import (
    SearchFailedError,
    StagePlan,
    describe_failed_stage,
    plan_progressive_search,
)


class PnasSearch:
    """Grows cells block by block (PNAS, algorithm 1).

    Stage 1 trains all one-block cells. Each later stage gives every cell that the
    stage before has trained one block more, in every way, and trains those that the
    predictor, fitted on all scores so far, holds to be the best, and a share of others if
    `exploration` says so. With successive halving those are the scores at the first rung,
    see `SearchState.comparable`.

    Args:
      config: How many cells to train.
      predictor: What predicts their scores.
      admits: Which cells may be candidates.
      seed: The seed of what `exploration` draws.
    """

    def __init__(
        self,
        config: SearchConfig,
        predictor: Predictor,
        admits: Admits = admit_all,
        seed: int = 0,
    ):
        self._config = config
        self._predictor = predictor
        self._admits = admits
        self._seed = seed

    def plan(self) -> tuple[StagePlan, ...]:
        """All one-block cells, then a beam for each block more."""
        return plan_progressive_search(self._config)

    def suggest(self, state: SearchState) -> Stage | None:
        """The next stage, as `Strategy` has it."""
        if state.pending:
            raise ValueError(
                "The last stage must be trained before the next is chosen. "
                f"Received: {len(state.pending)} pending candidates."
            )
        if not state.stages:
            return self._first_stage()
        if len(state.stages) >= self._config.max_num_blocks:
            return None
        return self._next_stage(state)

    def _first_stage(self) -> Stage:
        cells = one_block_genomes(self._config.operation_names)
        genomes = tuple(genome for genome in cells if self._admits(genome))
        if not genomes:
            raise SearchFailedError(
                "No cell of one block is within `max_parameters` and "
                "`max_multiply_adds`."
            )
        return Stage(
            number=1,
            genomes=genomes,
            num_expanded=len(cells),
            num_distinct=len(cells),
        )

    def _next_stage(self, state: SearchState) -> Stage | None:
        trained = state.comparable(state.stages[-1])
        if not trained:
            raise SearchFailedError(describe_failed_stage(state))
        parents = [evaluation.genome for evaluation in trained]
        operations = self._config.operation_names
        distinct = expand_beam(parents, operations)
        expanded = [genome for genome in distinct if self._admits(genome)]
        if not expanded:  # Larger cells are not admitted.
            return None
        # The parents are predicted too, to tell how well the predictor fits them.
        predictions = self._predict(state, parents + expanded)
        of_parents, of_expanded = np.split(predictions, [len(parents)])
        number = len(state.stages) + 1
        # A text as seed is hashed the same way everywhere.
        generator = random.Random(f"{self._seed} {number}")
        # `expanded` is sorted, so that of equal predictions the smaller genome is first.
        chosen = chosen_cells(of_expanded, self._config, generator)
        return Stage(
            number=number,
            genomes=tuple(expanded[index] for index in chosen),
            predictions=tuple(float(of_expanded[index]) for index in chosen),
            num_expanded=sum(
                num_expansions(parent.num_blocks, operations) for parent in parents
            ),
            num_distinct=len(distinct),
            fit_quality=ranking_quality(
                of_parents, [evaluation.score for evaluation in trained]
            ),
        )

    def _predict(self, state: SearchState, candidates: list[Genome]) -> np.ndarray:
        scored = state.comparable()
        predictions = self._predictor.fit_predict(
            [evaluation.genome for evaluation in scored],
            [evaluation.score for evaluation in scored],
            candidates,
        )
        if (
            predictions.shape != (len(candidates),)
            or not np.isfinite(predictions).all()
        ):
            raise ValueError(
                "A predictor must give one finite number for each of the "
                f"{len(candidates)} candidates. Received: shape {predictions.shape}, "
                f"{np.isfinite(predictions).sum()} finite."
            )
        return predictions
