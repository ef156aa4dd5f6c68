"""The environment variables with which our processes use TensorFlow and Keras.

Both read them once, when they are imported. What a genome means, and how fast it is
trained, must not depend on the shell, the CPU or the home folder of whoever trains it.
"""

import contextlib
import os
import sys
from collections.abc import Iterator

# oneDNN has the gradients of grouped convolutions. By itself TensorFlow turns it on only
# on CPUs with AVX-512 VNNI, AVX-VNNI or AMX, though it serves others as well.
_UNLESS_CHOSEN = {"TF_ENABLE_ONEDNN_OPTS": "1"}

# Keras reads ~/.keras/keras.json, and writes one. No folder can be made below a device,
# so with this it does neither, and goes by its own defaults.
_WITHOUT_A_FILE = os.path.join(os.devnull, "keras")

_OURS = {
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": _WITHOUT_A_FILE,
    "TF_USE_LEGACY_KERAS": "0",
}

# Keras has these for `fit`, which we do not use, but reads them all the same, as
# numbers.
_NOT_FOR_US = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")


def set_for_importers() -> None:
    """Sets what all processes need that import this package, unless they have chosen.

    A process that has imported Keras already has chosen.
    """
    for name, value in _UNLESS_CHOSEN.items():
        if not os.environ.get(name):
            os.environ[name] = value
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = _OURS["KERAS_BACKEND"]


def set_for_our_processes() -> None:
    """Sets what our programs need, and the processes they start, which inherit it."""
    os.environ.update(variables_for_workers())
    for name in _NOT_FOR_US:
        os.environ.pop(name, None)


def variables_for_workers() -> dict[str, str]:
    """The variables for processes elsewhere, which do not inherit them."""
    chosen = {
        name: os.environ.get(name) or value for name, value in _UNLESS_CHOSEN.items()
    }
    if kernels := os.environ.get("AUTOMETA_KERNELS"):
        chosen["AUTOMETA_KERNELS"] = kernels
    return chosen | _OURS


def start_tensorflow() -> None:
    """Starts TensorFlow with our settings and without its notices.

    TensorFlow tells of oneDNN, of CPU features and of missing GPUs on the standard
    error, past Python and whatever the log level. Errors must not drown in that. It
    must be called before anything that imports TensorFlow is imported.

    Raises:
      RuntimeError: It cannot be loaded, as for want of memory.
    """
    set_for_our_processes()
    if os.environ.get("AUTOMETA_TRACEBACK"):
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _quiet_standard_error():
        try:
            import tensorflow as tf
        except ImportError as error:
            raise RuntimeError(
                "TensorFlow must be installed, and `ulimit -v` must leave it room. It "
                f"cannot be loaded: {str(error).splitlines()[-1]}"
            ) from error
        tf.config.list_physical_devices()


@contextlib.contextmanager
def _quiet_standard_error() -> Iterator[None]:
    if sys.stderr is None:  # It was closed; there is nothing to keep quiet.
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
