"""All cells with one block more (PNAS, section 4.1)."""

import itertools
from collections.abc import Iterable

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Block, Genome
from autometa_tf.genomes.operation import OPERATIONS


def one_block_genomes() -> list[Genome]:
    """All 55 one-block cells, canonical and sorted."""
    return sorted(
        canonical_form(Genome((block,))) for block in _possible_blocks(NUM_CELL_INPUTS)
    )


def expand_genome(genome: Genome) -> list[Genome]:
    """The genome with every block that can follow: 120, 210, 325, 465 for 1 to 4.

    The halves of the new block commute, so each is there once. Several of the genomes
    may describe the same cell.
    """
    num_inputs = NUM_CELL_INPUTS + genome.num_blocks
    return [Genome((*genome.blocks, block)) for block in _possible_blocks(num_inputs)]


def expand_beam(genomes: Iterable[Genome]) -> list[Genome]:
    """All distinct cells of one block more than these: canonical and sorted."""
    return sorted(
        {
            canonical_form(expanded)
            for genome in genomes
            for expanded in expand_genome(genome)
        }
    )


def _possible_blocks(num_inputs: int) -> list[Block]:
    """All blocks over the inputs, one for both orders of its halves."""
    halves = itertools.product(range(num_inputs), OPERATIONS)
    return [
        Block(*half1, *half2)
        for half1, half2 in itertools.combinations_with_replacement(halves, 2)
    ]
