"""One column for all classes, where an episode begins (UNICORN, Ye & Chao 2022)."""

import tensorflow as tf


def share_head(weights: tf.Tensor, head: slice, ways: int) -> tf.Tensor:
    """Sets the columns of the head, and its biases, to their means over the classes.

    Which class has which label is chance, so columns that differ say nothing.

    Args:
      weights: float32 `[P]`, of one network.
      head: Where the head's weights lie. Their last axis is the classes', so that a
        row is a feature or the bias.
      ways: Number of classes.

    Returns:
      float32 `[P]`; the weights of a row of the head are equal bit for bit.
    """
    rows = tf.reshape(weights[head], [-1, ways])
    means = tf.reduce_mean(rows, axis=1, keepdims=True)
    shared = tf.reshape(tf.tile(means, [1, ways]), [-1])
    return tf.concat([weights[: head.start], shared, weights[head.stop :]], axis=0)
