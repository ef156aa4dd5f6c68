"""The inner batches that an exported learner adapts to, the same for every call."""

import tensorflow as tf

from autometa_tf.episodes.balanced_batches import balanced_batches_of_shuffles
from autometa_tf.episodes.sampler import batches_of_shuffles
from autometa_tf.learners.scoring_config import (
    ScoringConfig,
    inner_iterations_of_passes,
)


def num_inner_iterations(
    config: ScoringConfig, num_images: tf.Tensor, batch_size: int | tf.Tensor
) -> int | tf.Tensor:
    """The number of inner iterations on a support set of so many images."""
    least, passes = config.scoring_inner_iterations, config.scoring_support_passes
    if not passes:
        return least
    return tf.maximum(least, inner_iterations_of_passes(passes, num_images, batch_size))


def support_batches(
    labels: tf.Tensor,
    ways: int | tf.Tensor,
    num_batches: int | tf.Tensor,
    batch_size: int | tf.Tensor,
    *,
    balanced: bool,
) -> tf.Tensor:
    """Batches of a support set, drawn without replacement until all of it has come.

    Args:
      labels: int32 `[S]`, in [0, ways).
      ways: The number of classes, a whole number or an int32 scalar.
      num_batches: The number of inner iterations, a whole number or an int32 scalar.
      batch_size: The number of images of a batch, a whole number or an int32 scalar.
      balanced: Whether classes take turns, see `balanced_batches_of_shuffles`.

    Returns:
      Positions in the support set, int32 `[num_batches, batch_size]`.
    """
    num_images, needed = tf.shape(labels)[0], num_batches * batch_size

    def shuffles(number: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_uniform(
            [1, number, num_images], seed=[0, 0], alg="philox"
        )

    if not balanced:
        drawn = shuffles(-(-needed // tf.maximum(num_images, 1)))
        return batches_of_shuffles(drawn, num_batches, batch_size)[0]
    of_class = tf.reduce_sum(tf.one_hot(labels, ways, dtype=tf.int32), axis=0)
    shown = tf.maximum(tf.math.count_nonzero(of_class, dtype=tf.int32), 1)
    fewest = tf.reduce_min(tf.where(of_class > 0, of_class, needed))
    drawn = shuffles(-(-(-(-needed // shown)) // fewest))
    return balanced_batches_of_shuffles(drawn, labels, ways, num_batches, batch_size)[0]
