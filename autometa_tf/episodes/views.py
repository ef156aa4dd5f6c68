"""Random views of training images: some are flipped.

Letters: `B` inner batch size, `E` episodes, `H, W, C` the image shape.
"""

import tensorflow as tf


def flipped_views(images: tf.Tensor, rows: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """Gathers images, each flipped left to right where its random number is odd.

    Args:
      images: uint8 `[n, H, W, C]`.
      rows: int32 `[B, E]`.
      numbers: int32 `[B, E]`, random numbers in [0, 2**31).

    Returns:
      uint8 `[B*E, H, W, C]`, in the order of `rows`.
    """
    views = tf.gather(images, tf.reshape(rows, [-1]))
    flips = tf.reshape(numbers, [-1, 1, 1, 1]) % 2 == 1
    return tf.where(flips, tf.reverse(views, [2]), views)
