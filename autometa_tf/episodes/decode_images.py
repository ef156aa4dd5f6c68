"""Decoding image files from outside: whole, to one size, or not at all."""

import concurrent.futures
import itertools
import pathlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

from autometa_tf.episodes import deep_pixels
from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.open_image import load_image, turn_upright
from autometa_tf.machine import usable_cores
from autometa_tf.plain_text import counted

_MAX_FILE_BYTES = 512 << 20
_IMAGES_AT_ONCE = 512
_MAX_FILES_NAMED = 50

Content = bytes | pathlib.Path | np.ndarray
Name = TypeVar("Name")
Result = TypeVar("Result")


def decode_images(
    files: Iterable[tuple[Name, Content]], image_size: int, depth: int = 16
) -> Iterator[tuple[Name, np.ndarray | DatasetError]]:
    """Decodes images on all cores, in order and a bounded number at a time.

    Args:
      files: The name of each image, which comes back with it, and its content: a whole
        image file, the path of one, or pixels, which stay as they are.
      image_size: See `decode_image`.
      depth: See `decode_image`.

    Yields:
      Each name with uint8 `[image_size, image_size, 3]`, or with what is wrong.
    """

    def decode(content: Content) -> np.ndarray:
        if isinstance(content, pathlib.Path):
            content = read_file(content)
        if isinstance(content, bytes):
            content = decode_image(content, image_size, depth)
        return content

    return in_threads(decode, files)


def largest_values(
    files: Iterable[tuple[Name, pathlib.Path]],
) -> Iterator[tuple[Name, int | None | DatasetError]]:
    """The largest value of each image of more than 8 bits, and None of other images.

    Yields:
      Each name with that value, or with what is wrong.
    """
    return in_threads(lambda path: _largest_value(read_file(path)), files)


def in_threads(
    function: Callable[[Content], Result], files: Iterable[tuple[Name, Content]]
) -> Iterator[tuple[Name, Result | DatasetError]]:
    """Calls a function for each file's content on all cores, in order.

    Yields:
      Each name with what the function returns, or the `DatasetError` it raises.
    """

    def call(file):
        name, content = file
        try:
            return name, function(content)
        except DatasetError as error:
            return name, error

    files = iter(files)
    with (
        concurrent.futures.ThreadPoolExecutor(usable_cores()) as threads,
        warnings.catch_warnings(action="ignore"),  # Pillow warns of odd metadata.
    ):
        while some := list(itertools.islice(files, _IMAGES_AT_ONCE)):
            yield from threads.map(call, some)


def decode_image(content: bytes, image_size: int, depth: int = 16) -> np.ndarray:
    """Decodes one image file: JPEG, PNG, GIF, BMP, WebP, TIFF, AVIF or HEIF.

    The result is the first frame, turned upright as its EXIF data says, with
    transparent pixels on white, and resized with Pillow's Lanczos filter (as
    mini-ImageNet's usual preparation, in MAML, does) to a square; other aspect ratios
    are squeezed. An image of that size already keeps its pixels.

    Args:
      content: The whole file.
      image_size: Height and width of the result in pixels.
      depth: How many bits are used of an image with more than 8 a channel; the upper
        eight of these are kept.

    Returns:
      uint8 `[image_size, image_size, 3]`, red, green and blue.

    Raises:
      DatasetError: It is not such an image, is truncated or damaged, or has more pixels
        than Pillow takes for harmless (89 million).
    """

    def load(reopen: Callable[[], Image.Image]) -> np.ndarray:
        image = reopen()
        if deep_pixels.is_deep(image):
            values = deep_pixels.load_deep(image, reopen)
            pixels = deep_pixels.to_eight_bits(values, depth)
            if deep_pixels.is_negative(image):
                pixels = ImageOps.invert(pixels)
        else:
            image.load()
            pixels = image
        return _upright_square(image, pixels, image_size)

    return _clear_errors(content, load)


def image_pixels(image: Image.Image, image_size: int) -> np.ndarray:
    """The pixels of an image that is open already, as `decode_image` makes them.

    Args:
      image: As Pillow opens or makes it, of any mode; it stays as it is.
      image_size: See `decode_image`.

    Returns:
      uint8 `[image_size, image_size, 3]`, red, green and blue.

    Raises:
      DatasetError: Its file is truncated or damaged, or its pixels are of 32 bits,
        which have no known range.
    """
    try:
        pixels = image.copy()  # Loads it, deep colours as 8 bits.
        if deep_pixels.is_deep(pixels):
            values = deep_pixels.load_deep(pixels, reopen=None)
            pixels = deep_pixels.to_eight_bits(values, depth=16)
            if deep_pixels.is_negative(image):
                pixels = ImageOps.invert(pixels)
        return _upright_square(image, pixels, image_size)
    except Exception as error:  # Pillow's errors on damaged files are of many kinds.
        raise DatasetError((str(error) or type(error).__name__)[:200]) from error


def _upright_square(image: Image.Image, pixels: Image.Image, size: int) -> np.ndarray:
    """Turns pixels of 8 bits as their image says, and resizes them."""
    pixels = _to_rgb(turn_upright(image, pixels))
    return np.asarray(pixels.resize((size, size), Image.Resampling.LANCZOS))


def _largest_value(content: bytes) -> int | None:
    def load(reopen: Callable[[], Image.Image]) -> int | None:
        image = reopen()
        if not deep_pixels.is_deep(image):
            return None
        return deep_pixels.largest_value(deep_pixels.load_deep(image, reopen))

    return _clear_errors(content, load)


def _clear_errors(
    content: bytes, load: Callable[[Callable[[], Image.Image]], Result]
) -> Result:
    try:
        return load_image(content, load)
    except DatasetError:
        raise
    except Exception as error:  # Pillow's errors on damaged files are of many kinds.
        raise DatasetError((str(error) or type(error).__name__)[:200]) from error


def read_file(path: pathlib.Path, num_bytes: int = -1) -> bytes:
    """A file's content, or its first bytes.

    Raises:
      DatasetError: There is no such file, it cannot be read or is too large.
    """
    try:
        if not path.is_file():  # Reading a pipe or a device might never end.
            raise DatasetError(_what_is_no_file(path))
        if num_bytes < 0 and path.stat().st_size > _MAX_FILE_BYTES:
            raise DatasetError(f"more than {_MAX_FILE_BYTES:,} bytes")
        with open(path, "rb") as file:
            return file.read(num_bytes)
    except OSError as error:
        raise DatasetError(error.strerror or str(error)) from error


def _what_is_no_file(path: pathlib.Path) -> str:
    if path.is_dir():
        return "a folder"
    if path.exists():
        return "a pipe, socket or device"
    return "a link that leads nowhere" if path.is_symlink() else "no such file"


def bad_files_error(bad_files: list[str]) -> DatasetError:
    """One error that names all bad files, or the first 50 and how many more."""
    named = ", ".join(bad_files[:_MAX_FILES_NAMED])
    more = len(bad_files) - _MAX_FILES_NAMED
    return DatasetError(
        f"{counted(len(bad_files), 'image file')} cannot be used; replace or remove: {named}"
        + (f", and {more} more." if more > 0 else ".")
    )


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits have no known range; save it with 8 or 16")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")
