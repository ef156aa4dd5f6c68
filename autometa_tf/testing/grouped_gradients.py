"""For tests of what only some TensorFlows can do."""

import functools
import unittest

from autometa_tf.learners.devices import grouped_gradients_available


def needs_grouped_gradients(test):
    """Decorates a test, which is skipped where it cannot be passed."""

    @functools.wraps(test)
    def run(self, *args, **kwargs):
        # Asked when it runs: until then the test may still choose its devices.
        if not grouped_gradients_available():
            raise unittest.SkipTest(
                "This TensorFlow has no gradients of grouped convolutions: oneDNN is "
                "off (TF_ENABLE_ONEDNN_OPTS)."
            )
        return test(self, *args, **kwargs)

    return run
