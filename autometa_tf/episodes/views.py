"""Random views of training images: flipped, and cropped after padding.

Letters: `B` inner batch size, `E` episodes, `H, W, C` the image shape.
"""

import tensorflow as tf

# Random numbers that a view takes: its flip, its row and its column.
NUMBERS_PER_VIEW = 3


def random_views(
    images: tf.Tensor,
    rows: tf.Tensor,
    numbers: tf.Tensor,
    *,
    flips: bool,
    crop_padding: int,
) -> tf.Tensor:
    """Gathers a random view of each image.

    An image is padded on all sides with its own reflection (without the outermost row
    or column again), and a crop of its old size taken anywhere; then it is flipped
    left to right with probability 1/2.

    Args:
      images: uint8 `[n, H, W, C]`.
      rows: int32 `[B, E]`.
      numbers: int32 `[B, E, 3]`, random numbers in [0, 2**31).
      flips: Whether views are flipped.
      crop_padding: Pixels of padding, below H and W. 0: views are not cropped.

    Returns:
      uint8 `[B*E, H, W, C]`, in the order of `rows`.
    """
    height, width, channels = images.shape[1:]
    views = tf.gather(images, tf.reshape(rows, [-1]))
    flip, down, right = tf.unstack(
        tf.reshape(numbers, [-1, NUMBERS_PER_VIEW, 1]), axis=1
    )
    down, right = (n % (2 * crop_padding + 1) - crop_padding for n in (down, right))
    # A view is a choice of rows, then of columns: nothing is padded.
    if crop_padding:
        chosen = _reflected(tf.range(height) + down, height)
        views = tf.reshape(views, [-1, height, width * channels])
        views = tf.gather(views, chosen, batch_dims=1)
    columns = tf.range(width)
    if flips:
        columns = tf.where(flip % 2 == 1, width - 1 - columns, columns)
    columns = _reflected(columns + right, width)
    views = tf.reshape(views, [-1, height, width, channels])
    return tf.gather(views, columns, axis=2, batch_dims=1)


def _reflected(positions: tf.Tensor, size: int) -> tf.Tensor:
    """Positions of a padded axis -> those of its pixels."""
    positions = tf.abs(positions)
    return tf.minimum(positions, 2 * (size - 1) - positions)
