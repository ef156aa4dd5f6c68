"""Times things side by side, so that a slow moment of the machine decides nothing."""

import time
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

_MATRIX_SIZE = 2048


def time_interleaved(
    runs: Mapping[str, Callable[[], object]], num_repeats: int
) -> dict[str, np.ndarray]:
    """Calls each in turn, again and again.

    Args:
      runs: What to time, by name; each returns when its work is done.
      num_repeats: How often.

    Returns:
      Seconds of each, `[num_repeats]`.
    """
    seconds = {name: np.zeros(num_repeats) for name in runs}
    for repeat in range(num_repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name][repeat] = time.perf_counter() - start
    return seconds


class MatrixProduct:
    """Products of 2048x2048 float32 matrices: what the hardware can do at best.

    Args:
      num_at_once: How many products at once, each by one thread.
    """

    def __init__(self, num_at_once: int = 1):
        self.operations = num_at_once * 2 * _MATRIX_SIZE**3
        shape = [num_at_once, _MATRIX_SIZE, _MATRIX_SIZE]
        self._matrices = tf.unstack(tf.random.stateless_normal(shape, seed=[0, 0]))
        self._multiply = tf.function(
            lambda *matrices: tf.add_n([tf.reduce_max(a @ a) for a in matrices])
        )
        self.run()

    def run(self) -> None:
        """Computes them once."""
        self._multiply(*self._matrices).numpy()
