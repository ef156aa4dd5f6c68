"""The distribution of a training over devices."""

import tensorflow as tf

from autometa_tf.learners.distribution_config import DistributionConfig

# What TensorFlow calls a strategy, which here is a search's.
Distribution = tf.distribute.Strategy


def make_distribution(name: str) -> Distribution:
    """The distribution of a name.

    Args:
      name: "default" is one replica on TensorFlow's first device. "mirrored" is one
        replica on each GPU of this machine, or on each logical CPU without GPUs.

    Raises:
      ValueError: No distribution has this name.
    """
    DistributionConfig(strategy=name)  # Refuses other names.
    if name == "default":
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy(_mirrored_devices())


def num_replicas(name: str) -> int:
    """How many replicas the distribution of a name has, without making it."""
    return len(_mirrored_devices()) if name == "mirrored" else 1


def _mirrored_devices() -> list[str]:
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return [device.name for device in tf.config.list_logical_devices(kind)]
