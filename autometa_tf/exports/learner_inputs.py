"""What a learner's `fit` and `predict` are given, refused in a sentence where need be.

Letters: `n` images, `H, W, C` the image shape.
"""

import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import (
    bad_files_error,
    decode_images,
    image_pixels,
)

# The error of arithmetic that ought to give exactly 0 or 1; the signatures allow as
# much.
_ROUNDING = 1e-5
# A query is computed with so many support images at most: their statistics are those of
# more, and each answer costs as many images.
_MOST_NORMALISING = 100
_FILE_KINDS = (str, os.PathLike, Image.Image)

# An array `[n, H, W, C]`, or `[n, H, W]` where C is 1, or Pillow's images and paths.
Images = np.ndarray | Sequence[Any]
# One for each image: texts or numbers, whatever can be sorted.
Labels = np.ndarray | Sequence[Any]


def images_array(images: Images, image_shape: tuple[int, int, int]) -> np.ndarray:
    """The images as one array, once it is known that the network can take them.

    Args:
      images: An array `[n, H, W, C]` (or `[n, H, W]` where C is 1), uint8 or floats in
        [0, 1]; or a list of Pillow's images and of paths of image files. Those are
        decoded as the dataset `image_folder` is, deep ones as 16 bits: turned upright,
        on white, resized to a square; and where C is 1 they become grey.
      image_shape: `(H, W, C)`.

    Returns:
      `[n, H, W, C]`, uint8 or floats, perhaps the caller's own array.

    Raises:
      ValueError: They do not fit, or some files cannot be read, which are all named.
    """
    if isinstance(images, (*_FILE_KINDS, bytes)) or not isinstance(images, Iterable):
        raise ValueError(
            "`images` must be an array or a list of images, also for a single one. "
            f"Received: {images!r:.200}."
        )
    if not hasattr(images, "shape"):
        images = list(images)
    elif getattr(images.dtype, "kind", "") in "OU":  # An array of paths.
        images = list(images)
    if isinstance(images, list):
        if any(isinstance(image, _FILE_KINDS) for image in images):
            return _decoded(images, image_shape)
        if not images:
            return np.zeros((0, *image_shape), np.uint8)
    return _checked_array(images, image_shape)


def as_floats(images: np.ndarray) -> np.ndarray:
    """A copy of what `images_array` returns, float32 in [0, 1], for the signatures."""
    floats = np.array(images, np.float32)
    return floats / np.float32(255) if images.dtype == np.uint8 else floats


def normalising_rows(num_images: int) -> np.ndarray:
    """Which images of a support set normalise a query: all, or 100 evenly chosen."""
    number = min(num_images, _MOST_NORMALISING)
    return np.linspace(0, num_images - 1, number).round().astype(np.int32)


def labels_array(labels: Labels, num_images: int) -> np.ndarray:
    """The labels as an array `[n]`, once it is known that each image has one.

    Raises:
      ValueError: There is another number of them, or they are not of one kind.
    """
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise ValueError(
            f"`labels` must be an array or a list. Received: {labels!r:.200}."
        )
    labels = labels if hasattr(labels, "dtype") else list(labels)
    if isinstance(labels, list):
        are_texts = {isinstance(label, str) for label in labels}
        if len(are_texts) == 2:  # NumPy would make texts of the numbers.
            raise ValueError(
                "`labels` must be of one kind, all texts or all numbers. "
                f"Received: {labels!r:.200}."
            )
    try:
        array = np.asarray(labels)
    except ValueError:  # Lists of different lengths.
        array = np.zeros([0, 0])
    if array.shape != (num_images,):
        received = f"of shape {list(array.shape)}" if array.ndim != 1 else len(array)
        raise ValueError(
            f"`labels` must be one for each of the {num_images} images. "
            f"Received: {received}."
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(
            "`labels` must be finite. Received: not a number, or infinity."
        )
    return array


def classes_and_indices(
    labels: np.ndarray, ways: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The distinct labels, sorted, and for each label its place among them, int32.

    Args:
      labels: What `labels_array` returned.
      ways: How many classes the network can tell apart; None where that is any number.

    Raises:
      ValueError: There are fewer than 2 or more than `ways`, or they have no order.
    """
    try:
        classes, indices = np.unique(labels, return_inverse=True)
    except TypeError as error:  # Objects.
        raise ValueError(
            f"`labels` must be of one kind that can be sorted. Received: {error}."
        ) from error
    if len(classes) < 2 or ways and len(classes) > ways:
        allowed = "at least 2 classes"
        if ways:
            allowed = (
                f"2 to {ways} classes: this learner was trained with `ways` of {ways}, "
                "and one that was trained with `shared_head` takes any number"
            )
        raise ValueError(
            f"`labels` must be of {allowed}. "
            f"Received: {len(classes)}, {_some(classes)}."
        )
    return classes, indices.astype(np.int32)


def check_known(labels: np.ndarray, classes: np.ndarray) -> None:
    """Sees that labels are among the classes that were learned.

    Raises:
      ValueError: Some are not.
    """
    unknown = sorted(set(labels.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise ValueError(
            f"`labels` must be among the classes learned, {_some(classes)}. "
            f"Received: {_some(unknown)}."
        )


def _some(values: Iterable[Any]) -> str:
    """The first few values."""
    values = list(values)
    named = ", ".join(str(value)[:40] for value in values[:5])
    return named + (f" and {len(values) - 5} more" if len(values) > 5 else "")


def _checked_array(images: Images, image_shape: tuple[int, int, int]) -> np.ndarray:
    height, width, channels = image_shape
    allowed = f"[images, {height}, {width}, {channels}]"
    if channels == 1:
        allowed += f" or [images, {height}, {width}]"
    try:
        array = np.asarray(images)
    except ValueError as error:
        raise ValueError(
            f"`images` must be of shape {allowed}. Received: images of various shapes."
        ) from error
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise ValueError(
            "`images` must be uint8, or floats in [0, 1], or Pillow's images or paths. "
            f"Received: {_dtype_text(images, array)}."
        )
    if channels == 1 and array.shape[1:] == (height, width):
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.shape[1:] != image_shape:
        raise ValueError(
            f"`images` must be of shape {allowed}; Pillow's images and paths are "
            f"resized. Received: {list(array.shape)}."
        )
    if array.dtype.kind == "f" and array.size:
        least, largest = array.min(), array.max()  # Not a number where one pixel is.
        if not (least >= -_ROUNDING and largest <= 1 + _ROUNDING):
            received = f"floats from {least:g} to {largest:g}"
            if np.isnan(least):
                received = "not a number"
            raise ValueError(
                f"`images` must be floats in [0, 1], or uint8. Received: {received}."
            )
    return array


def _dtype_text(images: Images, array: np.ndarray) -> str:
    if array.dtype == object:
        return f"objects such as {next(iter(images))!r:.80}"
    return str(array.dtype)


def _decoded(images: list, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Decodes Pillow's images and paths; names all that cannot be."""
    height, width, channels = image_shape
    if height != width or channels not in (1, 3):
        raise ValueError(
            "`images` must be an array for a network whose images are not squares, "
            f"grey or coloured. Received: paths or Pillow's images, for {image_shape}."
        )
    contents, names = [], []
    for i, image in enumerate(images):
        if not isinstance(image, _FILE_KINDS):
            raise ValueError(
                "`images` must be an array, or all Pillow's images or paths. "
                f"Received: {image!r:.80} among them."
            )
        is_open = isinstance(image, Image.Image)
        names.append(f"image {i}" if is_open else os.fsdecode(image))
        contents.append(image if is_open else pathlib.Path(os.fsdecode(image)))
    pixels = np.empty((len(images), height, width, channels), np.uint8)
    bad_files = []
    for i, result in _decode_in_order(contents, height):
        if isinstance(result, DatasetError):
            bad_files.append(f"{names[i]} ({result})")
        elif channels == 1:
            pixels[i, ..., 0] = Image.fromarray(result).convert("L")
        else:
            pixels[i] = result
    if bad_files:
        raise bad_files_error(bad_files)
    return pixels


def _decode_in_order(
    contents: list[pathlib.Path | Image.Image], size: int
) -> Iterator[tuple[int, np.ndarray | DatasetError]]:
    """Yields each place with uint8 `[size, size, 3]`, or with what is wrong."""
    paths = [(i, c) for i, c in enumerate(contents) if isinstance(c, pathlib.Path)]
    yield from decode_images(paths, size)
    for i, content in enumerate(contents):
        if not isinstance(content, pathlib.Path):
            try:
                yield i, image_pixels(content, size)
            except DatasetError as error:
                yield i, error
