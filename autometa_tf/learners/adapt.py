"""The inner loop: the one place where a learner learns an episode."""

from collections.abc import Callable

import tensorflow as tf

from autometa_tf.learners.adam import AdamState, ScheduledAdam, adam_update
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.parallel_model import ParallelModel


def adapt(
    model: ParallelModel,
    weights: tf.Tensor,
    state: AdamState,
    batch_at: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
    num_iterations: int | tf.Tensor,
    config: AdamConfig | ScheduledAdam,
) -> tuple[tf.Tensor, AdamState, tf.Tensor]:
    """Adapts E copies of a network to E episodes, U(D, theta; A) of the paper's eq. 1.

    A pure function, which serves meta-training, scoring and the exported signatures.

    Args:
      model: The network.
      weights: float32 `[E*P]`, where the episodes begin.
      state: Adam's state for these copies.
      batch_at: `iteration -> (images as the model wants them, labels int32 [B, E])`.
      num_iterations: Inner iterations, a whole number or an int32 tensor.
      config: The inner optimizer.

    Returns:
      The adapted weights `[E*P]`, Adam's state after the last update, and the losses
      `[E]` before it.
    """

    def step(i, weights, state, _):
        images, labels = batch_at(i)
        losses, gradient = model.loss_and_gradient(weights, images, labels)
        with tf.name_scope("adam"):  # For profiles.
            weights, state = adam_update(weights, gradient, state, config)
        return i + 1, weights, state, losses

    start = (tf.constant(0), weights, state, tf.zeros([model.num_parallel_episodes]))
    _, weights, state, losses = tf.while_loop(
        lambda i, *_: i < num_iterations, step, start
    )
    return weights, state, losses
