"""How many weights a cell's network has, by arithmetic alone: nothing is built."""

from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.networks.network_config import NUM_REDUCTIONS, NetworkConfig, Task

_Sizes = tuple[tuple[int, int], ...]


def count_parameters(genome: Genome, config: NetworkConfig, task: Task) -> int:
    """The number of weights of the model that `build_network` makes of a cell.

    It takes microseconds, so that cells can be left out before any is built.

    Args:
      genome: The cell.
      config: What surrounds it.
      task: What the network is to classify.
    """
    filters = config.num_filters
    channels = [filters, filters]  # Of H^(c-2) and H^(c-1); at first of the stem.
    count = _convolution(((3, 3),), task.image_shape[2], filters)
    for stage in range(NUM_REDUCTIONS):
        filters = config.filters_of_stage(stage)
        for stride in [1] * config.num_cell_repeats + [2]:
            count += _cell(genome, channels, filters, stride)
            channels = [channels[1], filters * len(genome.loose_blocks)]
    return count + (channels[1] + 1) * task.ways


def _cell(genome: Genome, channels: list[int], filters: int, stride: int) -> int:
    adapters = sum(
        _convolution(((1, 1),), channels[number], filters)
        for number in genome.inputs_read
    )
    return adapters + sum(
        _operation(name, filters, stride if number < NUM_CELL_INPUTS else 1)
        for block in genome.blocks
        for number, name in block.halves
    )


def _operation(name: str, filters: int, stride: int) -> int:
    operation = OPERATIONS[name]
    if operation.pool:
        return 0
    if operation.kernel_sizes:
        return _convolution(
            operation.kernel_sizes, filters, filters, operation.depthwise
        )
    # The identity subsamples by a convolution.
    return _convolution(((1, 1),), filters, filters) if stride > 1 else 0


def _convolution(
    sizes: _Sizes, channels: int, filters: int, depthwise: bool = False
) -> int:
    """Kernels one after the other, and the gamma and beta of the last one's output."""
    count = 2 * filters
    for height, width in sizes:
        pixels = height * width
        count += pixels * (1 if depthwise and pixels > 1 else channels) * filters
        channels = filters
    return count
