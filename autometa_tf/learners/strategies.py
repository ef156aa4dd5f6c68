"""Over which devices a learner is trained."""

import tensorflow as tf

STRATEGY_NAMES = ("default", "mirrored")


def make_strategy(name: str) -> tf.distribute.Strategy:
    """The strategy of a name.

    Args:
      name: "default" is one replica on TensorFlow's first device. "mirrored" is one
        replica on each GPU of this machine, or on each logical CPU without GPUs.
    """
    if name not in STRATEGY_NAMES:
        raise ValueError(
            f"`strategy` must be one of {', '.join(STRATEGY_NAMES)}. "
            f"Received: {name!r}."
        )
    if name == "default":
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy(_mirrored_devices())


def num_replicas(name: str) -> int:
    """How many replicas the strategy of a name has, without making it."""
    return len(_mirrored_devices()) if name == "mirrored" else 1


def _mirrored_devices() -> list[str]:
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return [device.name for device in tf.config.list_logical_devices(kind)]
