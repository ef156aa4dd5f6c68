"""What an exported signature is given, refused in our words where it does not fit.

Letters: `S` support images, `H, W, C` the image shape, `P` weights.
"""

from collections.abc import Callable

import tensorflow as tf

# The error of arithmetic that ought to give exactly 0 or 1.
_ROUNDING = 1e-5


def checked_images(
    images: tf.Tensor, name: str, image_shape: tuple[int, int, int]
) -> tf.Tensor:
    """The images, once it is known that they are such as training has seen.

    Others would get answers, only wrong ones: adaptation does its best with any.

    Args:
      images: float32, to be `[images, H, W, C]` in [0, 1].
      name: What the signature calls them.
      image_shape: `(H, W, C)`.
    """
    shape = _shape(images)
    # A dimension too many is one that is not 0, one too few is 0.
    wanted = tf.constant([*image_shape, 0])
    check = tf.debugging.Assert(
        tf.reduce_all(_padded(shape[1:], 4) == wanted),
        [
            f"`{name}` must be float32 of shape [images, "
            f"{', '.join(map(str, image_shape))}]. Received:",
            shape,
        ],
        summarize=8,
    )
    with tf.control_dependencies([check]):
        images = tf.identity(images)
    # Not a number is neither above nor below.
    fits = (images >= -_ROUNDING) & (images <= 1 + _ROUNDING)
    check = tf.debugging.Assert(
        tf.reduce_all(fits),
        [
            f"`{name}` must be float32 pixels in [0, 1], such as those of 8 bits / 255."
            " Received the least and the largest:",
            tf.reduce_min(images),
            tf.reduce_max(images),
        ],
    )
    with tf.control_dependencies([check]):
        return tf.identity(images)


def checked_labels(labels: tf.Tensor, images: tf.Tensor, ways: int) -> tf.Tensor:
    """The labels, once it is known that they are one for each image, in [0, ways).

    Args:
      labels: int32, to be `[S]`.
      images: `checked_images`, to be one at least.
      ways: Number of classes.
    """
    labels = _checked_number_of_labels(labels, images)
    check = tf.debugging.Assert(
        tf.reduce_all((labels >= 0) & (labels < ways)),
        [f"`support_labels` must be int32 in [0, {ways}). Received:", labels],
        summarize=8,
    )
    with tf.control_dependencies([check]):
        return tf.identity(labels)


def _checked_number_of_labels(labels: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """The labels, once it is known that they are one for each image."""
    num_images, shape = tf.shape(images)[0], _shape(labels)
    checks = [
        tf.debugging.Assert(
            num_images > 0, ["`support_images` must hold at least one image."]
        ),
        tf.debugging.Assert(
            tf.reduce_all(_padded(shape, 2) == tf.stack([num_images, 0])),
            [
                "`support_labels` must have one label for each support image. "
                "Received their shape and the number of images:",
                shape,
                num_images,
            ],
            summarize=8,
        ),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def checked_class_numbers(labels: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """The labels, once it is known that they number classes, each of which is shown.

    Args:
      labels: int32, to be `[S]`.
      images: `checked_images`, to be one at least.
    """
    labels = _checked_number_of_labels(labels, images)
    classes = tf.sort(tf.unique(labels)[0])
    check = tf.debugging.Assert(
        tf.reduce_all(classes == tf.range(tf.size(classes))) & (tf.size(classes) > 1),
        [
            "`support_labels` must be int32 in [0, number of classes), of at least 2 "
            "classes with at least one support image each. Received labels of:",
            classes,
        ],
        summarize=8,
    )
    with tf.control_dependencies([check]):
        return tf.identity(labels)


def checked_weights(weights: tf.Tensor, num_weights: int) -> tf.Tensor:
    """The adapted weights, once it is known that the network has so many.

    Args:
      weights: float32, to be `[P]`.
      num_weights: P.
    """
    shape = _shape(weights)
    check = tf.debugging.Assert(
        tf.reduce_all(_padded(shape, 2) == tf.constant([num_weights, 0])),
        [
            f"`weights` must be float32 of shape [{num_weights}], as `adapt` returns "
            "them. Received:",
            shape,
        ],
    )
    with tf.control_dependencies([check]):
        weights = tf.identity(weights)
    # Not `tf.ensure_shape`, which TensorFlow runs before the check, for its own words.
    weights.set_shape([num_weights])
    return weights


def checked_weights_of_any_ways(
    weights: tf.Tensor, has_ways: Callable[[tf.Tensor], tf.Tensor]
) -> tf.Tensor:
    """The adapted weights, once it is known that they are those of some number of ways.

    Args:
      weights: float32, to be one-dimensional.
      has_ways: `AnyWaysModel.has_ways`.
    """
    shape = _shape(weights)
    check = tf.debugging.Assert(
        (tf.size(shape) == 1) & has_ways(_padded(shape, 1)[0]),
        ["`weights` must be float32, as `adapt` returns them. Received:", shape],
    )
    with tf.control_dependencies([check]):
        weights = tf.identity(weights)
    weights.set_shape([None])
    return weights


def checked_shown(shown: tf.Tensor, ways: int | tf.Tensor) -> tf.Tensor:
    """Which classes were shown, once it is known that there is one at least.

    Args:
      shown: bool, to be `[ways]`.
      ways: Number of classes, a whole number, or the int32 scalar that weights have.
    """
    shape, is_open = _shape(shown), tf.is_tensor(ways)
    allowed = "[the classes of `weights`]" if is_open else f"[{ways}]"
    check = tf.debugging.Assert(
        tf.reduce_all(_padded(shape, 2) == tf.stack([ways, 0])),
        [f"`shown` must be bool of shape {allowed}. Received:", shape],
    )
    with tf.control_dependencies([check]):
        shown = tf.identity(shown)
    shown.set_shape([None if is_open else ways])
    check = tf.debugging.Assert(
        tf.reduce_any(shown), ["`shown` must name at least one class. Received: none."]
    )
    with tf.control_dependencies([check]):
        return tf.identity(shown)


def _shape(tensor: tf.Tensor) -> tf.Tensor:
    """The true shape, also where it is not the one that a signature promises.

    A loaded signature does not see that it gets what it asks for, and TensorFlow takes
    the promise for the truth wherever it can, but for this operation's result, and for
    that too where it promises every dimension: one must be None.
    """
    return tf.shape(tf.raw_ops.PlaceholderWithDefault(input=tensor, shape=None))


def _padded(sizes: tf.Tensor, length: int) -> tf.Tensor:
    """The first `length` of the sizes, and 0 where there are none."""
    return tf.concat([sizes, tf.zeros([length], tf.int32)], axis=0)[:length]
