"""Starts TensorFlow with our settings and without its notices.

TensorFlow tells of oneDNN, of CPU features and of missing GPUs on the standard error,
past Python and whatever the log level. Errors of our programs must not drown in that.
"""

import contextlib
import os
import sys

from autometa_tf.tensorflow_environment import set_for_our_processes


def start_tensorflow() -> None:
    """To be called before anything that imports TensorFlow is imported.

    Raises:
      RuntimeError: it cannot be loaded, as for want of memory.
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
def _quiet_standard_error():
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
