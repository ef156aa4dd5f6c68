"""Plain random search, the yardstick for every other."""

import itertools
import random

from autometa_tf.search.random_cells import (
    Admits,
    admit_all,
    equal_budget,
    random_cells,
)
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.strategy import SearchFailedError, StagePlan


class RandomSearch:
    """Trains as many cells as PNAS would, all of the largest size, drawn at random.

    Its one stage holds distinct cells of exactly `max_num_blocks` blocks. Each block
    is drawn with equal chances from all that can follow the blocks before it.

    Args:
      config: How many cells of which size to draw.
      seed: The seed of the draw.
      admits: Which cells may be candidates.
    """

    def __init__(self, config: SearchConfig, seed: int, admits: Admits = admit_all):
        self._config = config
        self._seed = seed
        self._admits = admits

    def plan(self) -> tuple[StagePlan, ...]:
        """One stage, of as many candidates as PNAS has in all."""
        num_blocks = self._config.max_num_blocks
        budget = equal_budget(self._config)
        return (StagePlan(num_candidates=budget, num_blocks=num_blocks),)

    def suggest(self, state: SearchState) -> Stage | None:
        """The one stage, as `Strategy` has it."""
        if state.stages:
            return None
        (plan,) = self.plan()
        generator, operations = random.Random(self._seed), self._config.operation_names
        cells = random_cells(generator, plan.num_blocks, operations, self._admits)
        genomes = sorted(itertools.islice(cells, plan.num_candidates))
        if not genomes:
            raise SearchFailedError(
                f"No cell of {plan.num_blocks} blocks was found within "
                "`max_parameters` and `max_multiply_adds`."
            )
        return Stage(
            number=1,
            genomes=tuple(genomes),
            num_expanded=len(genomes),
            num_distinct=len(genomes),
        )
