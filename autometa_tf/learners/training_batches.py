"""The mini-batches that a learner is trained on.

Letters: `E` episodes side by side, `T` inner iterations, `B` inner batch size.
"""

import math
from collections.abc import Callable

import tensorflow as tf

from autometa_tf.episodes.sampler import ClassTensors, EpisodeSampler
from autometa_tf.episodes.views import flipped_views
from autometa_tf.learners.reptile_config import ReptileConfig


def training_batches(
    sampler: EpisodeSampler,
    gather: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    config: ReptileConfig,
    classes: ClassTensors,
    episodes: tf.Tensor,
) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """The `batch_at` of `adapt` for these episodes.

    Args:
      sampler: Draws them.
      gather: The model's, see `ParallelModel`.
      config: How large and how many batches are, and what is done to images.
      classes: The sampler's, on the device where the batches are wanted.
      episodes: int64 `[E]`, the numbers of the episodes.

    Returns:
      `iteration -> (images as the model wants them, labels int32 [B, E])`.
    """
    rows, labels = sampler.draw_batches(
        sampler.choose_images(classes, episodes),
        episodes,
        config.inner_iterations,
        config.inner_batch_size,
        balanced=config.class_balanced_batches,
    )

    def batch_at(i):
        with tf.name_scope("sampling"):  # For profiles.
            return gather(classes.images, rows[i]), labels[i]

    if not config.flips:
        return batch_at
    numbers = tf.transpose(
        sampler.draw_views(episodes, config.inner_iterations, config.inner_batch_size),
        [1, 2, 0],
    )

    def batch_of_views_at(i):
        with tf.name_scope("sampling"):
            views = gather_views(gather, classes.images, rows[i], numbers[i])
            return views, labels[i]

    return batch_of_views_at


def gather_views(
    gather: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    images: tf.Tensor,
    rows: tf.Tensor,
    numbers: tf.Tensor,
) -> tf.Tensor:
    """Flipped views of images, as the model wants them.

    Args:
      gather: The model's, see `ParallelModel`.
      images: uint8 `[n, H, W, C]`.
      rows: int32 `[B, E]`.
      numbers: int32 `[B, E]`, as of `flipped_views`.
    """
    views = flipped_views(images, rows, numbers)
    # The model's way of gathering puts them as they are to lie in memory.
    places = tf.reshape(tf.range(math.prod(rows.shape)), rows.shape)
    return gather(views, places)
