"""What a cell's graph is like, in a few numbers that scores depend on smoothly."""

import math
from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS

# What each operation adds to a path: convolutions, and pixels that it sees to each side.
_CONVOLUTIONS = {
    name: int(bool(each.kernel_sizes)) for name, each in OPERATIONS.items()
}
_REACHES = {
    name: (max([each.pool_size, 1, *map(max, each.kernel_sizes)]) - 1)
    // 2
    * each.dilation
    for name, each in OPERATIONS.items()
}
_POSITIONS = {name: i for i, name in enumerate(OPERATIONS)}
_WEIGHTS = {
    name: sum(
        height * width
        for height, width in each.kernel_sizes
        if not each.depthwise or height * width == 1
    )
    for name, each in OPERATIONS.items()
}

FEATURES = (
    "blocks",
    "depth",
    "loose blocks",
    "reads H^(c-2)",
    "reads H^(c-1)",
    "weights",
    "convolutions on a path",
    "reach",
    *OPERATIONS,
)


def genome_features(genomes: Sequence[Genome]) -> np.ndarray:
    """The features of cells, in the order of `FEATURES`.

    Numbers that may be large are there as log(1 + x): the second convolution helps more
    than the tenth. "weights" are those of the convolutions and adapters, in units of
    the squared number of filters. "convolutions on a path" and "reach", the pixels that
    are seen to each side, are the largest on any path through the cell.

    Returns:
      float64 `[len(genomes), len(FEATURES)]`.
    """
    rows = [_features(genome) for genome in genomes]
    return np.array(rows, np.float64).reshape(len(rows), len(FEATURES))


def _features(genome: Genome) -> list[float]:
    counts = [0] * len(OPERATIONS)
    # For the cell's inputs and then each block, the most on any path to it.
    depths, convolutions, reaches = ([0] * NUM_CELL_INPUTS for _ in range(3))
    read = set()
    weights = 0
    for block in genome.blocks:
        one, first, two, second = (
            block.input1,
            block.operation1,
            block.input2,
            block.operation2,
        )
        read.update((one, two))
        counts[_POSITIONS[first]] += 1
        counts[_POSITIONS[second]] += 1
        weights += _WEIGHTS[first] + _WEIGHTS[second]
        depths.append(1 + max(depths[one], depths[two]))
        convolutions.append(
            max(
                convolutions[one] + _CONVOLUTIONS[first],
                convolutions[two] + _CONVOLUTIONS[second],
            )
        )
        reaches.append(
            max(reaches[one] + _REACHES[first], reaches[two] + _REACHES[second])
        )
    inputs_read = [float(number in read) for number in range(NUM_CELL_INPUTS)]
    num_loose = NUM_CELL_INPUTS + genome.num_blocks - len(read | {0, 1})
    # An adapter reads all loose blocks of the cell before.
    weights += num_loose * sum(inputs_read)
    numbers = [genome.num_blocks, max(depths), num_loose]
    more = [weights, max(convolutions), max(reaches), *counts]
    return [*map(math.log1p, numbers), *inputs_read, *map(math.log1p, more)]
