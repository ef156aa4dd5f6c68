"""Genome -> Keras functional network: a stem, three stages of cells, a dense head."""

import keras

from autometa_tf.genomes.genome import Genome
from autometa_tf.networks.cell import build_cell
from autometa_tf.networks.layer_factory import make_factory
from autometa_tf.networks.network_config import NetworkConfig

NUM_REDUCTIONS = 3
_LARGEST_STRIDE_1_STEM = 48  # pixels; see `stem_stride`


def build_network(
    genome: Genome,
    config: NetworkConfig,
    *,
    num_parallel_episodes: int = 1,
    seed: int = 0,
    batch_last: bool = False,
) -> keras.Model:
    """Builds the network of a cell (paper, section 3 and Table A1).

    Args:
      genome: The cell, used at stride 1 and, as reduction cell, at stride 2.
      config: What surrounds it.
      num_parallel_episodes: E, independent copies of all weights side by side.
      seed: Of the initial weights, which are the same in every copy and for every E.
      batch_last: Whether it is made of kernels for few channels, which must run here.

    Returns:
      A model `[B, H, W, E*C] -> logits [B, E*ways]`, batch last `[E*C, H, W, B] ->`
      the same. With E = 1, channels last, it is the deployable network. The last axis
      of every weight holds the E copies; weights and their order do not depend on the
      layout.
    """
    factory = make_factory(num_parallel_episodes, seed, batch_last=batch_last)
    images = factory.images(config.image_shape)
    stem_stride = config.stem_stride or (
        1 if max(config.image_shape[:2]) <= _LARGEST_STRIDE_1_STEM else 2
    )
    stem = factory.conv(images, config.num_filters, (3, 3), stem_stride, normalize=True)
    states = (stem, stem)
    for stage in range(NUM_REDUCTIONS):
        filters = config.num_filters * config.feature_scale_rate**stage
        for stride in [1] * config.num_cell_repeats + [2]:
            states = (states[1], build_cell(genome, states, filters, stride, factory))
    x = factory.average(factory.rectify(states[1]))
    return keras.Model(images, factory.dense(x, config.ways))
