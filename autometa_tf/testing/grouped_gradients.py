"""For tests of what only TensorFlows with oneDNN can do on a CPU."""

import unittest

from autometa_tf.learners.devices import grouped_gradients_available


def skip_without_grouped_gradients(copies: int = 2) -> None:
    """Ends the test, as skipped, where it cannot train so many copies side by side."""
    if copies > 1 and not grouped_gradients_available():
        raise unittest.SkipTest(
            "This TensorFlow has no gradients of grouped convolutions: oneDNN is off "
            "(TF_ENABLE_ONEDNN_OPTS)."
        )


def two_or_one() -> int:
    """Episodes side by side for tests that are right with any number."""
    return 2 if grouped_gradients_available() else 1
