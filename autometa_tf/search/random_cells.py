"""Distinct cells of one size, drawn at random."""

import functools
import random
from collections.abc import Callable, Container, Iterator

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import (
    expand_beam,
    one_block_genomes,
    possible_blocks,
)
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import PAPER_OPERATIONS
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.strategy import plan_progressive_search

# Up to here there are so few cells (55 and 5,115 of the paper's operations) that a search may want all of them.
_MAX_NUM_BLOCKS_TO_LIST = 2

# Draws one after the other that give nothing new, after which hardly any is left.
_MAX_DRAWS_IN_VAIN = 10_000

# Whether a cell may be a candidate; the same for all genomes that describe it.
Admits = Callable[[Genome], bool]


def admit_all(genome: Genome) -> bool:
    """Any cell may be a candidate."""
    return True


def equal_budget(config: SearchConfig) -> int:
    """As many cells of `max_num_blocks` blocks as PNAS trains of all sizes.

    Where there are not as many, all there are.
    """
    budget = sum(stage.num_candidates for stage in plan_progressive_search(config))
    if config.max_num_blocks > _MAX_NUM_BLOCKS_TO_LIST:
        return budget
    return min(budget, len(_all_cells(config.max_num_blocks, config.operation_names)))


def random_cells(
    generator: random.Random,
    num_blocks: int,
    operations: tuple[str, ...] = PAPER_OPERATIONS,
    admits: Admits = admit_all,
    known: Container[Genome] = (),
) -> Iterator[Genome]:
    """Yields distinct canonical cells until hardly any is left.

    Each block is drawn with equal chances from all that can follow the blocks before
    it; of up to two blocks, all cells have equal chances.

    Args:
      generator: What draws them.
      num_blocks: The number of blocks of each.
      operations: What they are made of.
      admits: Which cells may be drawn.
      known: Cells that are not drawn.
    """
    if num_blocks <= _MAX_NUM_BLOCKS_TO_LIST:
        cells = _all_cells(num_blocks, operations)
        for genome in generator.sample(cells, len(cells)):
            if genome not in known and admits(genome):
                yield genome
        return
    choices = [
        possible_blocks(NUM_CELL_INPUTS + i, operations) for i in range(num_blocks)
    ]
    seen, in_vain = set(), 0
    while in_vain < _MAX_DRAWS_IN_VAIN:
        blocks = tuple(generator.choice(blocks) for blocks in choices)
        in_vain += 1
        drawn = Genome(blocks)
        if not admits(drawn):  # Asked first, since canonical forms take longer.
            continue
        genome = canonical_form(drawn)
        if genome not in seen and genome not in known:
            seen.add(genome)
            in_vain = 0
            yield genome


@functools.cache
def _all_cells(num_blocks: int, operations: tuple[str, ...]) -> tuple[Genome, ...]:
    genomes = one_block_genomes(operations)
    for _ in range(1, num_blocks):
        genomes = expand_beam(genomes, operations)
    return tuple(genomes)
