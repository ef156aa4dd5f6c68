"""Genomes as the numbers a predictor reads."""

from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import MAX_NUM_BLOCKS, NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS

TOKENS_PER_BLOCK = 4
PADDING = 0

# Inputs and operations have tokens of their own, so that one table of embeddings is
# two: all inputs share one, and all operations the other (PNAS, section 4.2).
_FIRST_INPUT = 1
_FIRST_OPERATION = _FIRST_INPUT + NUM_CELL_INPUTS + MAX_NUM_BLOCKS
_OPERATION_TOKENS = {name: _FIRST_OPERATION + i for i, name in enumerate(OPERATIONS)}
NUM_TOKENS = _FIRST_OPERATION + len(OPERATIONS)


def encode_genomes(genomes: Sequence[Genome]) -> np.ndarray:
    """Input, operation, input, operation of each block, and padding behind the last.

    Returns:
      int32 `[len(genomes), TOKENS_PER_BLOCK * B]` in `[0, NUM_TOKENS)`, where `B` is
      the number of blocks of the largest genome.
    """
    max_num_blocks = max((genome.num_blocks for genome in genomes), default=0)
    tokens = np.full(
        (len(genomes), TOKENS_PER_BLOCK * max_num_blocks), PADDING, np.int32
    )
    for row, genome in zip(tokens, genomes, strict=True):
        row[: TOKENS_PER_BLOCK * genome.num_blocks] = [
            token
            for block in genome.blocks
            for number, operation in block.halves
            for token in (_FIRST_INPUT + number, _OPERATION_TOKENS[operation])
        ]
    return tokens
