"""What changes with the number of outer iterations, inside compiled code."""

import math

import tensorflow as tf

from autometa_tf.learners.adam import ScheduledAdam
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.reptile_config import ReptileConfig


def inner_adam(
    config: ReptileConfig, iteration: tf.Tensor
) -> AdamConfig | ScheduledAdam:
    """The inner optimizer of an outer iteration.

    Args:
      config: Of the training.
      iteration: int64 scalar, the number of iterations before it.
    """
    final = config.final_inner_learning_rate
    if final is None:
        return config.adam
    done = tf.cast(iteration, tf.float32) / config.outer_iterations
    falling = (1.0 + tf.cos(math.pi * done)) / 2.0
    rate = final + (config.inner_learning_rate - final) * falling
    return ScheduledAdam(rate, config.inner_beta1)


def moved_average(
    average: tf.Tensor, weights: tf.Tensor, decay: float, number: tf.Tensor
) -> tf.Tensor:
    """An exponential moving average with one more of what it is of.

    It is that of 1, 2, ... weights, whose parts add up to 1 from the first on: Adam's
    correction, made as it goes.

    Args:
      average: float32 `[P]`, of the `number - 1` before; anything before the first.
      weights: float32 `[P]`.
      decay: In (0, 1).
      number: Whole number, as a tensor of any type.
    """
    number = tf.cast(number, tf.float32)
    part = (1.0 - decay) / -tf.math.expm1(number * math.log(decay))
    return average + part * (weights - average)
