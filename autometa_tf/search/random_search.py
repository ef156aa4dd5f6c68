"""Plain random search, the yardstick for every other."""

import itertools
import random
from collections.abc import Iterator

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import (
    expand_beam,
    one_block_genomes,
    possible_blocks,
)
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.strategy import (
    StagePlan,
    plan_progressive_search,
)

# Up to here there are so few cells (55 and 5,115) that a search may want all of them.
_MAX_NUM_BLOCKS_TO_LIST = 2


class RandomSearch:
    """Trains as many cells as PNAS would, all of the largest size, drawn at random.

    Its one stage holds distinct cells of exactly `max_num_blocks` blocks. Each block
    is drawn with equal chances from all that can follow the blocks before it.

    Args:
      config: How many cells of which size to draw.
      seed: The seed of the draw.
    """

    def __init__(self, config: SearchConfig, seed: int):
        self._config = config
        self._seed = seed

    def plan(self) -> tuple[StagePlan, ...]:
        """One stage, of as many candidates as PNAS has in all."""
        num_blocks = self._config.max_num_blocks
        budget = sum(
            stage.num_candidates for stage in plan_progressive_search(self._config)
        )
        if num_blocks <= _MAX_NUM_BLOCKS_TO_LIST:
            budget = min(budget, len(_all_genomes(num_blocks)))
        return (StagePlan(num_candidates=budget, num_blocks=num_blocks),)

    def suggest(self, state: SearchState) -> Stage | None:
        """The one stage, as `Strategy` has it."""
        if state.stages:
            return None
        (plan,) = self.plan()
        generator = random.Random(self._seed)
        if plan.num_blocks <= _MAX_NUM_BLOCKS_TO_LIST:
            genomes = generator.sample(
                _all_genomes(plan.num_blocks), plan.num_candidates
            )
        else:
            genomes = itertools.islice(
                _distinct_genomes(generator, plan.num_blocks), plan.num_candidates
            )
        return Stage(
            number=1,
            genomes=tuple(sorted(genomes)),
            num_expanded=plan.num_candidates,
            num_distinct=plan.num_candidates,
        )


def _all_genomes(num_blocks: int) -> list[Genome]:
    genomes = one_block_genomes()
    for _ in range(1, num_blocks):
        genomes = expand_beam(genomes)
    return genomes


def _distinct_genomes(generator: random.Random, num_blocks: int) -> Iterator[Genome]:
    choices = [possible_blocks(NUM_CELL_INPUTS + i) for i in range(num_blocks)]
    seen = set()
    while True:
        blocks = tuple(generator.choice(blocks) for blocks in choices)
        genome = canonical_form(Genome(blocks))
        if genome not in seen:
            seen.add(genome)
            yield genome
