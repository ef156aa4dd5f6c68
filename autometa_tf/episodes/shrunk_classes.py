"""The same classes with smaller images."""

import dataclasses

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.dataset import ClassImages

_IMAGES_AT_ONCE = 1000


def shrunk_classes(classes: ClassImages, image_size: int) -> ClassImages:
    """Shrinks all images; a pixel is the mean of the area that it covers, rounded.

    Args:
      classes: The classes.
      image_size: The height and width in pixels, at most those of the images.
    """
    images = classes.images
    shrunk = np.empty((len(images), image_size, image_size, images.shape[3]), np.uint8)
    for first in range(0, len(images), _IMAGES_AT_ONCE):
        some = slice(first, first + _IMAGES_AT_ONCE)
        means = tf.image.resize(images[some], (image_size, image_size), method="area")
        shrunk[some] = np.round(means.numpy())
    return dataclasses.replace(classes, images=shrunk)
