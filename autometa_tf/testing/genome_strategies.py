"""Genomes for property-based tests."""

from collections.abc import Sequence

from hypothesis import strategies

from autometa_tf.genomes.genome import (
    MAX_NUM_BLOCKS,
    NUM_CELL_INPUTS,
    Block,
    Genome,
)
from autometa_tf.genomes.operation import OPERATIONS


@strategies.composite
def genomes(
    draw: strategies.DrawFn,
    max_num_blocks: int = MAX_NUM_BLOCKS,
    operations: Sequence[str] = tuple(OPERATIONS),
) -> Genome:
    """Any genome; with few operations, one full of symmetries."""
    num_blocks = draw(strategies.integers(1, max_num_blocks))
    operation = strategies.sampled_from(operations)
    blocks = []
    for position in range(num_blocks):
        number = strategies.integers(0, NUM_CELL_INPUTS + position - 1)
        blocks.append(
            Block(draw(number), draw(operation), draw(number), draw(operation))
        )
    return Genome(tuple(blocks))
