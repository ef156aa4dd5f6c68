"""Mini-batches with every class equally often.

Letters: `E` episodes, `N` ways, `T` inner iterations, `B` inner batch size.
"""

import tensorflow as tf


def balanced_batches_of_shuffles(
    drawn: tf.Tensor,
    labels: tf.Tensor,
    ways: int,
    num_batches: int | tf.Tensor,
    batch_size: int | tf.Tensor,
) -> tf.Tensor:
    """Mini-batches in which classes take turns, each shuffled over again on its own.

    Where B is a multiple of the number of classes, every batch holds every class
    equally often; else the numbers of two classes in a batch differ by one at most.
    A class's images come without replacement until all of them have come.

    Args:
      drawn: `[E, shuffles, pool size]`, random numbers whose order is the shuffle. At
        least as many shuffles as the class with the fewest images needs.
      labels: int32 `[pool size]`, the classes of the pool's images; not all classes
        need occur.
      ways: N.
      num_batches: T, a whole number or an int32 scalar.
      batch_size: B, likewise.

    Returns:
      Positions in the pool, int32 `[E, T, B]`.
    """
    pool_size = tf.shape(labels)[0]
    ranks = tf.argsort(tf.argsort(drawn, axis=-1), axis=-1)
    # Each shuffle, class by class. All keys differ, so that no sort need be stable.
    order = tf.argsort(labels * pool_size + ranks, axis=-1)
    sizes = tf.reduce_sum(tf.one_hot(labels, ways, dtype=tf.int32), axis=0)
    # Classes that occur, then those that do not.
    classes = tf.argsort(tf.where(sizes > 0, 0, ways) + tf.range(ways))
    num_classes = tf.maximum(tf.math.count_nonzero(sizes, dtype=tf.int32), 1)

    turns = tf.range(num_batches * batch_size)
    classes = tf.gather(classes, turns % num_classes)
    numbers = turns // num_classes  # Of an image among those its class has given.
    size = tf.maximum(tf.gather(sizes, classes), 1)
    start = tf.gather(tf.cumsum(sizes, exclusive=True), classes)
    places = numbers // size * pool_size + start + numbers % size
    flat = tf.reshape(order, [tf.shape(order)[0], -1])
    return tf.reshape(tf.gather(flat, places, axis=1), [-1, num_batches, batch_size])
