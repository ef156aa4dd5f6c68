"""The human-designed baselines: four convolutions, as Reptile uses them."""

import dataclasses

import keras

from autometa_tf.networks.layer_factory import make_factory

NUM_CONVOLUTIONS = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conv4Config:
    """Reptile's networks (Nichol et al. 2018, appendix A, and its published program).

    Attributes:
      image_shape: `(H, W, C)` of the images, at least 8x8.
      ways: Classes of an episode.
      num_filters: Of each convolution: 64 on Omniglot, 32 on mini-ImageNet.
      max_pooling: False halves the image by strided convolutions (Omniglot), True by
        2x2 max pooling (mini-ImageNet).
    """

    image_shape: tuple[int, int, int]
    ways: int
    num_filters: int
    max_pooling: bool

    def __post_init__(self):
        object.__setattr__(self, "image_shape", tuple(self.image_shape))
        if len(self.image_shape) != 3 or min(self.image_shape[:2]) < 8:
            raise ValueError(
                "`image_shape` must be (height, width, channels) with at least 8x8 "
                f"pixels. Received: {self.image_shape}."
            )
        for name, least in (("ways", 2), ("num_filters", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )


def conv4_config(image_shape: tuple[int, int, int], ways: int) -> Conv4Config:
    """The published baseline for a size: Omniglot's up to 48 pixels, else 32 filters.

    113,221 parameters at 28x28x1 and 34,661 at 84x84x3, 5 ways.
    """
    small = max(image_shape[:2]) <= 48
    return Conv4Config(
        image_shape=image_shape,
        ways=ways,
        num_filters=64 if small else 32,
        max_pooling=not small,
    )


def build_conv4(
    config: Conv4Config,
    *,
    num_parallel_episodes: int = 1,
    seed: int = 0,
    batch_last: bool = False,
) -> keras.Model:
    """Builds the baseline; all else is as of `build_network`."""
    factory = make_factory(num_parallel_episodes, seed, batch_last=batch_last)
    images = factory.images(config.image_shape)
    x = images
    stride = 1 if config.max_pooling else 2
    for _ in range(NUM_CONVOLUTIONS):
        x = factory.conv(
            x, config.num_filters, (3, 3), stride, normalize=True, cancelled_bias=True
        )
        if config.max_pooling:
            # "same": 84 -> 42 -> 21 -> 11 -> 6, as published.
            x = factory.pool(x, "max", 2, 2)
        x = factory.rectify(x)
    return keras.Model(images, factory.dense(x, config.ways))
