"""Adam as a pure function of one long vector (Kingma & Ba 2015, algorithm 1).

A Keras optimizer cannot run the inner loop: in a replica its `apply` averages the
gradients over replicas, which blends episodes that must stay apart.
"""

from typing import NamedTuple

import tensorflow as tf

from autometa_tf.learners.adam_config import AdamConfig

BETA2 = 0.999
EPSILON = 1e-8


class ScheduledAdam(NamedTuple):
    """An `AdamConfig` whose learning rate is computed.

    Attributes:
      inner_learning_rate: float32 scalar.
      inner_beta1: A number, as in `AdamConfig`.
    """

    inner_learning_rate: tf.Tensor
    inner_beta1: float


class AdamState(NamedTuple):
    """What Adam remembers.

    Attributes:
      first_moments: float32 `[P]`, or `[0]` when beta1 is 0 and they are not needed.
      second_moments: float32 `[P]`.
      step: float32 scalar, updates made so far.
    """

    first_moments: tf.Tensor
    second_moments: tf.Tensor
    step: tf.Tensor


def initial_adam_state(num_weights: int, config: AdamConfig) -> AdamState:
    """The state before the first update."""
    return AdamState(
        first_moments=tf.zeros([num_weights if config.inner_beta1 else 0]),
        second_moments=tf.zeros([num_weights]),
        step=tf.zeros([]),
    )


def adam_update(
    weights: tf.Tensor,
    gradient: tf.Tensor,
    state: AdamState,
    config: AdamConfig | ScheduledAdam,
) -> tuple[tf.Tensor, AdamState]:
    """One step of Adam, in the efficient order of Kingma & Ba, end of section 2.

    Args:
      weights: float32 `[P]`.
      gradient: float32 `[P]`.
      state: The state before the step.
      config: Learning rate and beta1.

    Returns:
      The weights and the state after the step.
    """
    step = state.step + 1.0
    second = state.second_moments * BETA2 + tf.square(gradient) * (1.0 - BETA2)
    if config.inner_beta1:
        first = (
            config.inner_beta1 * state.first_moments
            + (1.0 - config.inner_beta1) * gradient
        )
        direction = first
    else:
        first, direction = state.first_moments, gradient
    rate = config.inner_learning_rate * tf.sqrt(1.0 - tf.pow(BETA2, step))
    rate /= 1.0 - tf.pow(config.inner_beta1, step)
    weights -= direction * rate / (tf.sqrt(second) + EPSILON)
    return weights, AdamState(first, second, step)
