"""The convolutions of the human-designed baselines, as Reptile uses them."""

import keras

from autometa_tf.networks.layer_factory import LayerFactory

NUM_CONVOLUTIONS = 4


def build_conv4(
    images: keras.KerasTensor,
    num_filters: int,
    max_pooling: bool,
    factory: LayerFactory,
) -> keras.KerasTensor:
    """Applies four convolutions (Nichol et al. 2018, appendix A, and its program).

    Args:
      images: A Keras tensor of the factory's layout.
      num_filters: The number of filters of each convolution.
      max_pooling: False halves the image by strided convolutions, as on Omniglot, True
        by 2x2 max pooling, as on mini-ImageNet.
      factory: Makes the layers.

    Returns:
      A Keras tensor of `ceil(H/16) x ceil(W/16)` pixels and `num_filters` channels for
      each copy.
    """
    x = images
    stride = 1 if max_pooling else 2
    for _ in range(NUM_CONVOLUTIONS):
        x = factory.conv(
            x, num_filters, (3, 3), stride, normalize=True, cancelled_bias=True
        )
        if max_pooling:
            # "same": 84 -> 42 -> 21 -> 11 -> 6, as published.
            x = factory.pool(x, "max", 2, 2)
        x = factory.rectify(x)
    return x
