"""Normalisation by the statistics of a batch in which images have unequal shares.

A batch of fixed size can so hold fewer images: those whose share is 0 count for nothing.
"""

import tensorflow as tf

from autometa_tf.networks.forward_operations import Gradient
from autometa_tf.networks.layers import BATCH_NORM_EPSILON


@tf.custom_gradient
def normalize_by_shares(
    x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, shares: tf.Tensor
) -> tuple[tf.Tensor, Gradient]:
    """`(x - mean) / sqrt(var + epsilon) * gamma + beta`, moments over all but channels.

    With equal shares it is `layers.normalize_with_batch_statistics`, and its gradient
    likewise one of forward operations. See there for why images are rows `[n, W*C]`.

    Args:
      x: `[B, H, W, C]`, all static.
      gamma: `[C]`.
      beta: `[C]`.
      shares: `[B]`, at least 0 with the sum 1: what each image counts in the moments.
        Images that count for nothing are normalised as others are, and must have no
        gradient. Nobody asks for the gradient of the shares.

    Returns:
      A tensor shaped like `x`, with first-order gradients only.
    """
    batch, height, width, channels = x.shape
    shape, num_rows = x.shape, batch * height
    x = tf.reshape(x, [num_rows, width * channels])
    share = tf.reshape(shares * (1.0 / (height * width)), [batch, 1])
    share = tf.reshape(tf.tile(share, [1, height]), [1, num_rows])  # Of a pixel.
    ones = tf.ones([1, num_rows])

    def by_channel(row: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.reshape(row, [width, channels]), axis=0)

    def row_of(values: tf.Tensor) -> tf.Tensor:
        return tf.tile(values, [width])

    mean = by_channel(share @ x)
    # Rounding can leave a tiny negative difference where the variance is zero.
    variance = tf.maximum(by_channel(share @ tf.square(x)) - tf.square(mean), 0.0)
    inverse_deviation = tf.math.rsqrt(variance + BATCH_NORM_EPSILON)
    scale = gamma * inverse_deviation
    scale_row = row_of(scale)
    y = x * scale_row + row_of(beta - mean * scale)

    def gradient(dy: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        dy = tf.reshape(dy, x.shape)
        d_beta = by_channel(ones @ dy)
        d_gamma = inverse_deviation * (by_channel(ones @ (dy * x)) - mean * d_beta)
        slope = scale * inverse_deviation * d_gamma
        offset = scale * d_beta - mean * slope
        pull = tf.reshape(share, [num_rows, 1]) * (x * row_of(slope) + row_of(offset))
        return tf.reshape(dy * scale_row - pull, shape), d_gamma, d_beta, None

    return tf.reshape(y, shape), gradient
