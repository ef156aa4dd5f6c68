"""Conv4 of any width, either way of halving at any image size: fast in tests."""

import keras

from autometa_tf.networks.conv4 import build_conv4
from autometa_tf.networks.layer_factory import make_factory
from autometa_tf.networks.network_config import Task


def tiny_conv4(
    task: Task,
    *,
    num_filters: int,
    max_pooling: bool,
    num_parallel_episodes: int = 1,
    batch_last: bool = False,
) -> keras.Model:
    """What `build_network` makes of `Conv4()`, but for these two settings of it."""
    factory = make_factory(num_parallel_episodes, 0, batch_last=batch_last)
    images = factory.images(task.image_shape)
    x = build_conv4(images, num_filters, max_pooling, factory)
    return keras.Model(images, factory.dense(x, task.ways))
