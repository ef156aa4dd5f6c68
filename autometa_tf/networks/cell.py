"""One cell of the network: a genome applied to two feature maps (PNAS, section 3.1)."""

from collections.abc import Sequence

import keras

from autometa_tf.genomes.genome import Genome
from autometa_tf.genomes.operation import OPERATIONS, Operation
from autometa_tf.networks.layer_factory import LayerFactory


def build_cell(
    genome: Genome,
    inputs: Sequence[keras.KerasTensor],
    filters: int,
    stride: int,
    factory: LayerFactory,
) -> keras.KerasTensor:
    """Applies the cell that `genome` describes.

    Every cell input that is read passes an adapter to `filters` channels. Operations
    that read a cell input have the cell's stride, operations on blocks have stride 1.
    The two halves of a block are added; blocks nothing reads are concatenated.

    Args:
      genome: The cell.
      inputs: H^(c-2) and H^(c-1), Keras tensors of the factory's layout. H^(c-2) may be
        larger than H^(c-1) by a whole factor; it is then subsampled.
      filters: Channels of every block.
      stride: 1 for a normal cell, 2 for a reduction cell.
      factory: Makes the layers.

    Returns:
      A Keras tensor of `ceil(H/stride) x ceil(W/stride)` pixels and
      `filters * loose blocks` channels for each copy.
    """
    factor = -(-inputs[0].shape[1] // inputs[1].shape[1])
    subsampling = (factor, 1)
    states = [
        _adapt_input(x, filters, subsampling[i], factory)
        if i in genome.inputs_read
        else None
        for i, x in enumerate(inputs)
    ]
    rectified = {}  # A state read by several convolutions is rectified once.

    def apply(index: int, name: str):
        if index not in rectified:
            rectified[index] = factory.rectify(states[index])
        half_stride = stride if index < 2 else 1
        return _apply_operation(
            OPERATIONS[name],
            states[index],
            rectified[index],
            filters=filters,
            stride=half_stride,
            factory=factory,
        )

    for block in genome.blocks:
        halves = [
            apply(block.input1, block.operation1),
            apply(block.input2, block.operation2),
        ]
        states.append(factory.add(halves))
    return factory.concatenate([states[i] for i in genome.loose_blocks])


def _adapt_input(
    x: keras.KerasTensor, filters: int, subsampling: int, factory: LayerFactory
) -> keras.KerasTensor:
    """ReLU, 1x1 convolution, batch normalisation: to the cell's width and size."""
    x = factory.rectify(x)
    return factory.conv(x, filters, (1, 1), subsampling, normalize=True)


def _apply_operation(
    operation: Operation,
    x: keras.KerasTensor,
    rectified_x: keras.KerasTensor,
    *,
    filters: int,
    stride: int,
    factory: LayerFactory,
) -> keras.KerasTensor:
    """Applies one operation to `x`, of which `rectified_x` is the rectified value."""
    if operation.pool:
        return factory.pool(x, operation.pool, operation.pool_size, stride)
    kernel_sizes = operation.kernel_sizes
    if not kernel_sizes:  # identity
        if stride == 1:
            return x
        kernel_sizes = ((1, 1),)
    x = rectified_x
    last = len(kernel_sizes) - 1
    for i, size in enumerate(kernel_sizes):
        half_stride = stride if i == 0 else 1
        x = factory.conv(
            x,
            filters,
            size,
            half_stride,
            normalize=i == last,
            depthwise=operation.depthwise and size != (1, 1),
            dilation=operation.dilation,
        )
    return x
