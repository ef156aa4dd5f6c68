"""What a cell's network costs, by arithmetic alone: nothing is built."""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.networks.network_config import NUM_REDUCTIONS, NetworkConfig, Task

_Size = tuple[int, int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkCost:
    """What a network costs.

    Attributes:
      num_parameters: The number of its weights.
      num_multiply_adds: The multiplications, each with its addition, of the convolutions
        and the dense layer for one image. A window counts in full where it reaches
        beyond the image's edge.
    """

    num_parameters: int
    num_multiply_adds: int


class _Convolution(NamedTuple):
    """One kernel, with whose every weight each pixel of its output multiplies once."""

    kernel_weights: int
    output_size: _Size
    normalized_filters: int  # Each has a gamma and a beta.


def network_cost(genome: Genome, config: NetworkConfig, task: Task) -> NetworkCost:
    """The cost of the model that `build_network` makes of a cell.

    It takes a tenth of a millisecond, so that cells can be left out before any is built.

    Args:
      genome: The cell.
      config: What surrounds it.
      task: What the network is to classify.
    """
    *convolutions, channels = _convolutions(genome, config, task)
    head_weights = channels * task.ways
    parameters = sum(c.kernel_weights + 2 * c.normalized_filters for c in convolutions)
    multiply_adds = sum(
        c.kernel_weights * c.output_size[0] * c.output_size[1] for c in convolutions
    )
    return NetworkCost(
        num_parameters=parameters + head_weights + task.ways,
        num_multiply_adds=multiply_adds + head_weights,
    )


def _convolutions(
    genome: Genome, config: NetworkConfig, task: Task
) -> Iterator[_Convolution | int]:
    """All of them, and in the end the number of channels that the dense layer reads."""
    height, width, image_channels = task.image_shape
    filters = config.num_filters
    size = _strided((height, width), config.stem_stride_for(task.image_shape))
    yield from _operation(((3, 3),), image_channels, filters, size)
    channels = [filters, filters]  # Of H^(c-2) and H^(c-1); at first of the stem.
    strides = NUM_REDUCTIONS * ([1] * config.num_cell_repeats + [2])
    read = _cells_read(genome, len(strides))
    for number, stride in enumerate(strides):
        filters = config.filters_of_stage(number // (config.num_cell_repeats + 1))
        if number in read:
            yield from _cell(genome, channels, filters, size, stride)
        size = _strided(size, stride)
        channels = [channels[1], filters * len(genome.loose_blocks)]
    yield channels[1]


def _cells_read(genome: Genome, num_cells: int) -> set[int]:
    """The numbers of the cells that the end of the network depends on.

    Where a genome reads H^(c-2) alone, every other cell is no part of the network.
    """
    read = {num_cells - 1}
    for number in reversed(range(num_cells)):
        if number in read:
            read |= {number - NUM_CELL_INPUTS + i for i in genome.inputs_read}
    return read


def _cell(
    genome: Genome, channels: list[int], filters: int, size: _Size, stride: int
) -> Iterator[_Convolution]:
    """Both inputs have the size of the second when they have passed their adapters."""
    for number in genome.inputs_read:
        yield from _operation(((1, 1),), channels[number], filters, size)
    output_size = _strided(size, stride)
    for block in genome.blocks:
        for number, name in block.halves:
            operation, strided = (
                OPERATIONS[name],
                stride > 1 and number < NUM_CELL_INPUTS,
            )
            kernels = operation.kernel_sizes
            if operation.pool or not (kernels or strided):
                continue
            # The identity subsamples by a convolution.
            yield from _operation(
                kernels or ((1, 1),), filters, filters, output_size, operation.depthwise
            )


def _operation(
    kernels: tuple[_Size, ...],
    channels: int,
    filters: int,
    output_size: _Size,
    depthwise: bool = False,
) -> Iterator[_Convolution]:
    """Kernels one after the other, of which the last one's output is normalised."""
    for i, (height, width) in enumerate(kernels):
        pixels = height * width
        read = 1 if depthwise and pixels > 1 else channels
        normalized = filters if i == len(kernels) - 1 else 0
        yield _Convolution(pixels * read * filters, output_size, normalized)
        channels = filters


def _strided(size: _Size, stride: int) -> _Size:
    return -(-size[0] // stride), -(-size[1] // stride)
