"""Cell or conv4 -> Keras functional network."""

import dataclasses

import keras
import numpy as np

from autometa_tf.genomes.genome import Genome
from autometa_tf.networks.cell import build_cell
from autometa_tf.networks.conv4 import build_conv4
from autometa_tf.networks.layer_factory import LayerFactory, make_factory
from autometa_tf.networks.network_config import (
    NUM_REDUCTIONS,
    NetworkConfig,
    Task,
    small_images,
)
from autometa_tf.networks.network_kinds import Conv4, Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class FirstConvolution:
    """The first convolution of a network, whose output is mostly its largest map.

    Attributes:
      num_filters: The number of its filters.
      stride: The stride of both axes.
    """

    num_filters: int
    stride: int


def first_convolution(
    network: Network, config: NetworkConfig, task: Task
) -> FirstConvolution:
    """What the first convolution of a network is like, without building it.

    Reptile's conv4 has 64 filters and strides on Omniglot, 32 filters and max pooling
    on mini-ImageNet.
    """
    small = small_images(task.image_shape)
    if isinstance(network, Conv4):
        num_filters = network.num_filters or (64 if small else 32)
        return FirstConvolution(num_filters=num_filters, stride=2 if small else 1)
    return FirstConvolution(
        num_filters=config.num_filters, stride=config.stem_stride_for(task.image_shape)
    )


def build_network(
    network: Network,
    config: NetworkConfig,
    task: Task,
    *,
    num_parallel_episodes: int = 1,
    seed: int = 0,
    batch_last: bool = False,
) -> keras.Model:
    """Builds a network: a cell's (paper, section 3 and Table A1), or conv4.

    Conv4 has 113,221 parameters at 28x28x1 and 34,661 at 84x84x3, 5 ways.

    Args:
      network: The cell, used at stride 1 and, as reduction cell, at stride 2; or conv4.
      config: What surrounds the cell.
      task: What the network is to classify.
      num_parallel_episodes: E, independent copies of all weights side by side.
      seed: The seed of the initial weights, which are the same in every copy and for
        every E.
      batch_last: Whether it is made of kernels for few channels, which must run here.

    Returns:
      A model `[B, H, W, E*C] -> logits [B, E*ways]`, batch last `[E*C, H, W, B] ->`
      the same. With E = 1, channels last, it is the deployable network. The last axis
      of every weight holds the E copies; weights and their order do not depend on the
      layout.
    """
    factory = make_factory(num_parallel_episodes, seed, batch_last=batch_last)
    return network_of(network, config, task, factory)


def network_of(
    network: Network, config: NetworkConfig, task: Task, factory: LayerFactory
) -> keras.Model:
    """The network, of the layers that a factory makes; see `build_network`."""
    images = factory.images(task.image_shape)
    first = first_convolution(network, config, task)
    if isinstance(network, Conv4):
        max_pooling = first.stride == 1
        x = build_conv4(images, first.num_filters, max_pooling, factory)
    else:
        stem = factory.conv(
            images, first.num_filters, (3, 3), first.stride, normalize=True
        )
        x = factory.average(_build_cells(network.genome, stem, config, factory))
    return factory.model(images, factory.dense(x, task.ways))


def head_weights(model: keras.Model, num_parallel_episodes: int = 1) -> slice:
    """Where the dense layer's weights lie among those of one copy.

    Its kernel and then its bias are the last of the variables, in row-major order; the
    last axis is the classes'.

    Args:
      model: What `build_network` returned.
      num_parallel_episodes: E.
    """

    def size(variables):
        return sum(int(np.prod(v.shape)) for v in variables) // num_parallel_episodes

    total = size(model.trainable_variables)
    return slice(total - size(model.layers[-1].trainable_variables), total)


def network_body(model: keras.Model) -> keras.Model:
    """The network without its dense layer: images -> what that layer reads.

    It has the model's own variables.

    Args:
      model: What `build_network` returned.
    """
    return keras.Model(model.inputs[0], model.layers[-1].input)


def _build_cells(
    genome: Genome,
    stem: keras.KerasTensor,
    config: NetworkConfig,
    factory: LayerFactory,
) -> keras.KerasTensor:
    """Applies three stages of cells to the stem's output; rectifies what they end in."""
    states = (stem, stem)
    for stage in range(NUM_REDUCTIONS):
        filters = config.filters_of_stage(stage)
        for stride in [1] * config.num_cell_repeats + [2]:
            states = (states[1], build_cell(genome, states, filters, stride, factory))
    return factory.rectify(states[1])
