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
