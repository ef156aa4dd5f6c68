"""Imports TensorFlow without its notices; to be imported before anything that needs it.

TensorFlow tells of oneDNN, of CPU features and of missing GPUs on the standard error,
past Python and whatever the log level. Errors of this program must not drown in that.
"""

import contextlib
import os
import sys


@contextlib.contextmanager
def _quiet_standard_error():
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


if not os.environ.get("AUTOMETA_TRACEBACK"):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _quiet_standard_error():
        import tensorflow as tf

        tf.config.list_physical_devices()
