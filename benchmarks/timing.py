"""Times things side by side, so that a slow moment of the machine decides nothing."""

import time
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

_MATRIX_SIZE = 2048
_NUM_CLOCKS = 2

# Part by which two clocks must differ before a report tells both.
_LARGEST_DIFFERENCE = 0.1


def read_clocks() -> np.ndarray:
    """Seconds of the wall's clock and of this process's CPU time, `[2]`.

    On a busy machine the wall's runs on while others compute. The CPU's counts all
    threads, so the two are comparable with one thread only.
    """
    return np.array([time.perf_counter(), time.process_time()])


def time_interleaved(
    runs: Mapping[str, Callable[[], object]], num_repeats: int
) -> dict[str, np.ndarray]:
    """Calls each in turn, again and again.

    Args:
      runs: What to time, by name; each returns when its work is done.
      num_repeats: How often.

    Returns:
      Seconds of each by both clocks, `[2, num_repeats]`.
    """
    seconds = {name: np.zeros((_NUM_CLOCKS, num_repeats)) for name in runs}
    for repeat in range(num_repeats):
        for name, run in runs.items():
            start = read_clocks()
            run()
            seconds[name][:, repeat] = read_clocks() - start
    return seconds


def show(by_clock: np.ndarray, form: str = ".0f") -> str:
    """A figure as text, by the CPU's clock too where that makes a difference of 10%.

    Args:
      by_clock: The figure by the wall's clock and by the CPU's, `[2]`; not a number
        where there is none.
      form: As for `format`.
    """
    wall, cpu = by_clock
    if np.isnan(wall):
        return "–"
    text = format(wall, form)
    # Not a number differs from nothing.
    if abs(cpu - wall) > _LARGEST_DIFFERENCE * abs(wall):
        text += f" [{cpu:{form}}]"
    return text


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
