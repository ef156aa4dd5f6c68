"""One column for all classes, where an episode begins (UNICORN, Ye & Chao 2022).

So a learner can begin with as many columns as there are classes to learn, whatever the
number of ways it was trained with.
"""

import tensorflow as tf

from autometa_tf.learners.learner_state import LearnerState


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


def resize_head(
    vector: tf.Tensor, head: slice, ways: int, new_ways: int | tf.Tensor
) -> tf.Tensor:
    """Gives the head as many columns as wanted, each the mean of those there are.

    Of a shared head these are the column it has, bit for bit. For the ways that there
    are already nothing changes.

    Args:
      vector: float32 `[P]`: weights of one network, or moments of their gradients.
      head: As in `share_head`.
      ways: Number of classes of the vector.
      new_ways: Number of classes of the result, a whole number or an int32 scalar.

    Returns:
      float32, as long as the network's weights for `new_ways` are.
    """

    def resized() -> tf.Tensor:
        rows = tf.reshape(vector[head], [-1, ways])
        first = rows[:, :1]
        # The mean of equal numbers may round to another; that of their differences not.
        means = first + tf.reduce_mean(rows - first, axis=1, keepdims=True)
        columns = tf.reshape(tf.tile(means, [1, new_ways]), [-1])
        return tf.concat([vector[: head.start], columns, vector[head.stop :]], axis=0)

    if not tf.is_tensor(new_ways):
        return vector if new_ways == ways else resized()
    return tf.cond(new_ways == ways, lambda: vector, resized)


def resize_state(
    state: LearnerState, head: slice, ways: int, new_ways: int | tf.Tensor
) -> LearnerState:
    """What a learner with a shared head has learned, for another number of classes.

    Adam's moments of the head are the mean over the columns: which class had which
    label in training was chance.

    Args:
      state: Of a learner trained with `ways`.
      head: As in `share_head`.
      ways: Number of classes that it was trained with.
      new_ways: Number of classes to learn, a whole number or an int32 scalar.
    """

    def resized(vector: tf.Tensor) -> tf.Tensor:
        if not vector.shape[0]:  # First moments that are not needed.
            return vector
        return resize_head(vector, head, ways, new_ways)

    adam = state.adam._replace(
        first_moments=resized(state.adam.first_moments),
        second_moments=resized(state.adam.second_moments),
    )
    return LearnerState(resized(state.weights), adam)
