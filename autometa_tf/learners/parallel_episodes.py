"""Chooses how many episodes run side by side, by a short measured trial."""

import statistics
import time
from collections.abc import Callable

import tensorflow as tf

from autometa_tf.learners.devices import operations_at_once
from autometa_tf.learners.reptile_learner import ReptileLearner

_MIN_REPEATS, _MAX_REPEATS = 3, 15
_ENOUGH_SECONDS = 1.0  # After which no further repeat begins.


def grouped_gradients_available() -> bool:
    """Whether this TensorFlow differentiates grouped convolutions on this device.

    On a CPU only oneDNN does; without it the gradient raises.
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


def time_parallel_episodes(
    make_learner: Callable[[int], ReptileLearner], meta_batch_size: int
) -> dict[int, float]:
    """Seconds of an outer iteration by number of episodes side by side.

    Tries one episode at a time, all of the meta-batch and, where its two rounds can be
    computed at once, half of it. The repeats are interleaved, so that a slow moment of
    the machine does not decide.

    Args:
      make_learner: E -> a learner for at least `1 + _MAX_REPEATS` outer iterations.
      meta_batch_size: M.

    Returns:
      Median seconds for each E; E = 1 alone where grouped gradients are missing.
    """
    candidates = {1}
    if grouped_gradients_available():
        candidates.add(meta_batch_size)
        if operations_at_once() > 1:
            candidates.add(-(-meta_batch_size // 2))
    learners = {copies: make_learner(copies) for copies in sorted(candidates)}
    for learner in learners.values():
        learner.run(1)  # Traces.
    seconds = {copies: [] for copies in learners}
    begin = time.perf_counter()
    for repeat in range(_MAX_REPEATS):
        enough = time.perf_counter() - begin > _ENOUGH_SECONDS
        if enough and repeat >= _MIN_REPEATS:
            break
        for copies, learner in learners.items():
            start = time.perf_counter()
            learner.run(1)
            seconds[copies].append(time.perf_counter() - start)
    return {copies: statistics.median(times) for copies, times in seconds.items()}
