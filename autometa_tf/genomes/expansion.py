"""All cells with one block more (PNAS, section 4.1)."""

import itertools
import math
from collections.abc import Iterable, Sequence

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Block, Genome
from autometa_tf.genomes.operation import PAPER_OPERATIONS


def possible_blocks(
    num_inputs: int, operations: Sequence[str] = PAPER_OPERATIONS
) -> list[Block]:
    """All blocks that read these inputs, one for both orders of the halves."""
    halves = itertools.product(range(num_inputs), operations)
    return [
        Block(*half1, *half2)
        for half1, half2 in itertools.combinations_with_replacement(halves, 2)
    ]


def num_expansions(
    num_blocks: int, operations: Sequence[str] = PAPER_OPERATIONS
) -> int:
    """How many genomes `expand_genome` makes of one of so many blocks."""
    num_halves = (NUM_CELL_INPUTS + num_blocks) * len(operations)
    return math.comb(num_halves + 1, 2)


def one_block_genomes(
    operations: Sequence[str] = PAPER_OPERATIONS,
) -> list[Genome]:
    """All one-block cells, canonical and sorted: 55 of the paper's operations."""
    blocks = possible_blocks(NUM_CELL_INPUTS, operations)
    return sorted(canonical_form(Genome((block,))) for block in blocks)


def expand_genome(
    genome: Genome, operations: Sequence[str] = PAPER_OPERATIONS
) -> list[Genome]:
    """The genome with every block that can follow: 120, 210, 325, 465 for 1 to 4.

    So many they are of the paper's operations.

    The halves of the new block commute, so each is there once. Several of the genomes
    may describe the same cell.
    """
    blocks = possible_blocks(NUM_CELL_INPUTS + genome.num_blocks, operations)
    return [Genome((*genome.blocks, block)) for block in blocks]


def expand_beam(
    genomes: Iterable[Genome], operations: Sequence[str] = PAPER_OPERATIONS
) -> list[Genome]:
    """All distinct cells of one block more than these: canonical and sorted."""
    return sorted(
        {
            canonical_form(expanded)
            for genome in genomes
            for expanded in expand_genome(genome, operations)
        }
    )
