"""Classes of tiny images that a network can learn to tell apart."""

from collections.abc import Sequence

import numpy as np

from autometa_tf.episodes.dataset import ClassImages


def tiny_classes(
    num_classes: int = 8,
    images_per_class: int | Sequence[int] = 6,
    image_shape: tuple[int, int, int] = (8, 8, 1),
    *,
    noise: float = 0.2,
    seed: int = 0,
) -> ClassImages:
    """Draws a plane wave for each class, and its images as the wave with noise.

    Waves share what can be learned about them: edges and their directions.

    Args:
      num_classes: How many classes.
      images_per_class: Images of each class, or one number for each class.
      image_shape: `(H, W, C)`.
      noise: Standard deviation of the noise; the waves lie in [0, 1].
      seed: The seed of all that is drawn.
    """
    rng = np.random.default_rng(seed)
    sizes = np.broadcast_to(images_per_class, [num_classes])
    images = [
        _wave(image_shape, rng) + noise * rng.normal(size=(size, *image_shape))
        for size in sizes
    ]
    return ClassImages(
        images=np.round(np.clip(np.concatenate(images), 0, 1) * 255).astype(np.uint8),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        class_names=tuple(f"class {i}" for i in range(num_classes)),
    )


def _wave(image_shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """One wave in [0, 1], of its own direction and length."""
    height, width, channels = image_shape
    rows, columns = np.mgrid[:height, :width]
    radians_per_row, radians_per_column = rng.uniform(-2.5, 2.5, size=2)
    phases = rng.uniform(0, 2 * np.pi, size=channels)
    angles = radians_per_row * rows + radians_per_column * columns
    return 0.5 + 0.5 * np.sin(angles[:, :, np.newaxis] + phases)
