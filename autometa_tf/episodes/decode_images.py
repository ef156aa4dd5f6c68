"""Decoding image files from outside: whole, to one size, or not at all."""

import concurrent.futures
import io
import itertools
import os
import pathlib
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from autometa_tf.episodes.dataset import DatasetError

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")
)

_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
_MAX_FILE_BYTES = 512 << 20
_IMAGES_AT_ONCE = 512
_MAX_FILES_NAMED = 50


Content = bytes | pathlib.Path | np.ndarray
Name = TypeVar("Name")


def decode_images(
    files: Iterable[tuple[Name, Content]], image_size: int
) -> Iterator[tuple[Name, np.ndarray | DatasetError]]:
    """Decodes images on all cores, in order and a bounded number at a time.

    Args:
        files: the name of each image, which comes back with it, and its content: a
            whole image file, the path of one, or pixels, which stay as they are.
        image_size: see `decode_image`.

    Yields:
        Each name with uint8 `[image_size, image_size, 3]`, or with what is wrong.
    """

    def decode(file: tuple[Name, Content]) -> tuple[Name, np.ndarray | DatasetError]:
        name, content = file
        try:
            if isinstance(content, pathlib.Path):
                content = _read_file(content)
            if isinstance(content, bytes):
                content = decode_image(content, image_size)
            return name, content
        except DatasetError as error:
            return name, error

    files = iter(files)
    with (
        concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads,
        warnings.catch_warnings(action="ignore"),  # Of Pillow, about odd metadata.
    ):
        while some := list(itertools.islice(files, _IMAGES_AT_ONCE)):
            yield from threads.map(decode, some)


def decode_image(content: bytes, image_size: int) -> np.ndarray:
    """Decodes one image file: JPEG, PNG, GIF, BMP, WebP or TIFF.

    The first frame, turned upright as its EXIF data says, transparent pixels on white,
    resized with Pillow's Lanczos filter (as mini-ImageNet's usual preparation, in MAML,
    does) to a square; other aspect ratios are squeezed. An image of that size already
    keeps its pixels.

    Args:
        content: the whole file.
        image_size: height and width of the result in pixels.

    Returns:
        uint8 `[image_size, image_size, 3]`, red, green and blue.

    Raises:
        DatasetError: it is not such an image, is truncated or damaged, or has more
            pixels than Pillow takes for harmless (89 million).
    """
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
        if image.width * image.height > Image.MAX_IMAGE_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels are too many")
        image = _to_rgb(ImageOps.exif_transpose(image))
        size = (image_size, image_size)
        return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
    except UnidentifiedImageError as error:
        raise DatasetError(f"not one of {', '.join(_FORMATS)}") from error
    except Exception as error:  # Pillow's errors on damaged files are of many kinds.
        raise DatasetError((str(error) or type(error).__name__)[:200]) from error


def _read_file(path: pathlib.Path) -> bytes:
    try:
        if not path.is_file():  # Reading a pipe or a device might never end.
            raise DatasetError("no such file")
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise DatasetError(f"more than {_MAX_FILE_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(error.strerror or str(error)) from error


def bad_files_error(bad_files: list[str]) -> DatasetError:
    """One error that names all bad files, or the first 50 and how many more."""
    named = ", ".join(bad_files[:_MAX_FILES_NAMED])
    more = len(bad_files) - _MAX_FILES_NAMED
    return DatasetError(
        f"{len(bad_files)} image files cannot be used; replace or remove: {named}"
        + (f", and {more} more." if more > 0 else ".")
    )


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow would clip the 16 bits rather than keep the upper eight.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits have no known range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")
