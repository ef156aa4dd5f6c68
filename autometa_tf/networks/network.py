"""Genome -> Keras functional network: a stem, three stages of cells, a dense head."""

import dataclasses

import keras

from autometa_tf.genomes.genome import Genome
from autometa_tf.networks.cell import build_cell
from autometa_tf.networks.layer_factory import LayerFactory

MIN_IMAGE_SIZE = 8
NUM_REDUCTIONS = 3
_LARGEST_STRIDE_1_STEM = 48  # pixels; see `stem_stride`


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """What surrounds the cell.

    Attributes:
      image_shape: `(H, W, C)` of the images, at least 8x8.
      ways: Classes of an episode, units of the dense layer.
      num_filters: F of Table A1: filters of the stem and of the first cells.
      num_cell_repeats: N of Table A1: normal cells before each reduction cell.
      feature_scale_rate: Table A1: cells of stage i = 0, 1, 2 have F * rate^i filters.
      stem_stride: Stride of the stem; 0 chooses 1 up to 48 pixels and 2 above.
    """

    image_shape: tuple[int, int, int]
    ways: int
    num_filters: int = 10
    num_cell_repeats: int = 0
    feature_scale_rate: int = 1
    stem_stride: int = 0

    def __post_init__(self):
        object.__setattr__(self, "image_shape", tuple(self.image_shape))
        if len(self.image_shape) != 3 or min(self.image_shape[:2]) < MIN_IMAGE_SIZE:
            raise ValueError(
                "`image_shape` must be (height, width, channels) with at least "
                f"{MIN_IMAGE_SIZE}x{MIN_IMAGE_SIZE} pixels. "
                f"Received: {self.image_shape}."
            )
        for name, least in (
            ("ways", 2),
            ("num_filters", 1),
            ("num_cell_repeats", 0),
            ("feature_scale_rate", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )
        if self.stem_stride not in (0, 1, 2):
            raise ValueError(
                "`stem_stride` must be 1, 2, or 0 to choose by image size. "
                f"Received: {self.stem_stride}."
            )


def build_network(
    genome: Genome,
    config: NetworkConfig,
    *,
    num_parallel_episodes: int = 1,
    seed: int = 0,
) -> keras.Model:
    """Builds the network of a cell (paper, section 3 and Table A1).

    Args:
      genome: The cell, used at stride 1 and, as reduction cell, at stride 2.
      config: What surrounds it.
      num_parallel_episodes: E, independent copies of all weights side by side.
      seed: Of the initial weights, which are the same in every copy and for every E.

    Returns:
      A model `[B, H, W, E*C] -> logits [B, E*ways]`. With E = 1 it is the deployable
      network. The last axis of every weight holds the E copies.
    """
    factory = LayerFactory(num_parallel_episodes, seed)
    height, width, channels = config.image_shape
    images = keras.Input((height, width, num_parallel_episodes * channels))
    stem_stride = config.stem_stride or (
        1 if max(height, width) <= _LARGEST_STRIDE_1_STEM else 2
    )
    stem = factory.normalize(
        factory.conv(images, config.num_filters, (3, 3), stem_stride)
    )
    states = (stem, stem)
    for stage in range(NUM_REDUCTIONS):
        filters = config.num_filters * config.feature_scale_rate**stage
        for stride in [1] * config.num_cell_repeats + [2]:
            states = (states[1], build_cell(genome, states, filters, stride, factory))
    x = keras.layers.ReLU()(states[1])
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, factory.dense(x, config.ways))
