"""TensorFlow's threads and devices, which a process must set before it uses them."""

import functools
import os

import tensorflow as tf

from autometa_tf.machine import usable_cores


def use_devices(
    *, num_threads: int, num_logical_cpus: int = 1, gpus: bool = True
) -> None:
    """Sets threads and devices for this process.

    Each operation has one thread: those of a small network are too short to divide, and
    rounding does not depend on the number of threads this way.

    Args:
      num_threads: The number of operations at once.
      num_logical_cpus: Logical CPU devices, for replicas on a machine without GPUs.
      gpus: Whether to use GPUs. Their memory is taken as it is needed.

    Raises:
      RuntimeError: TensorFlow has been used before.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(num_threads)
    if num_logical_cpus > 1:
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0],
            [tf.config.LogicalDeviceConfiguration()] * num_logical_cpus,
        )
    devices = tf.config.list_physical_devices("GPU") if gpus else []
    tf.config.set_visible_devices(devices, "GPU")
    for device in devices:
        tf.config.experimental.set_memory_growth(device, True)


def operations_at_once() -> int:
    """How many operations this process computes at once."""
    chosen = tf.config.threading.get_inter_op_parallelism_threads()
    named = os.environ.get("TF_NUM_INTEROP_THREADS", "")
    chosen = chosen or (int(named) if named.isdecimal() else 0)
    return chosen or usable_cores()


@functools.cache
def grouped_gradients_available() -> bool:
    """Whether this TensorFlow differentiates grouped convolutions on this device.

    On a CPU only oneDNN does, which TensorFlow uses by itself on newer ones alone;
    without it the gradient raises.
    """
    images, kernel = tf.ones([1, 4, 4, 4]), tf.ones([3, 3, 2, 4])
    with tf.GradientTape() as tape:
        tape.watch([images, kernel])
        y = tf.nn.conv2d(images, kernel, 1, "SAME")
    try:
        tape.gradient(y, [images, kernel])
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
        return False
    return True


def gpu_available() -> bool:
    """Whether this process uses a GPU."""
    return bool(tf.config.get_visible_devices("GPU"))


def gpu_names() -> list[str]:
    """The models of the GPUs this process uses."""
    return [
        tf.config.experimental.get_device_details(device).get("device_name", "")
        for device in tf.config.get_visible_devices("GPU")
    ]
