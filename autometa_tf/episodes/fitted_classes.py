"""Images of one dataset for a learner of another: of its size, with its channels."""

import numpy as np
from PIL import Image

from autometa_tf.episodes.dataset import ClassImages


def fitted_classes(
    classes: ClassImages, image_shape: tuple[int, int, int]
) -> ClassImages:
    """The same classes, of images that a learner of this image shape takes.

    Colours become grey by Pillow's weights of red, green and blue (ITU-R 601-2), grey
    becomes three equal channels, and another size is reached with Pillow's Lanczos
    filter, squeezed where the proportions differ.

    Args:
      classes: Of images of 1 or 3 channels.
      image_shape: `(H, W, C)` with C 1 or 3.
    """
    if classes.image_shape == tuple(image_shape):
        return classes
    height, width, channels = image_shape
    mode = "L" if channels == 1 else "RGB"
    images = np.empty((len(classes.images), height, width, channels), np.uint8)
    for i, pixels in enumerate(classes.images):
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        image = image.convert(mode)
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        images[i] = np.asarray(image).reshape(height, width, channels)
    return ClassImages(images, classes.offsets, classes.class_names)
