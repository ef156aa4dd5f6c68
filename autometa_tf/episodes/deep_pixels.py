"""Reads all bits of PNG and TIFF images that have more than 8 a channel.

Cameras of 10 or 12 bits write files of 16, whose values then end at 1,023 or 4,095.
Nothing in the file says so; the largest value of a folder's images does.
"""

import sys
from collections.abc import Callable

import numpy as np
from PIL import Image

DEPTHS = (8, 10, 12, 16)

_BITS_TAG = 258
_PHOTOMETRIC_TAG = 262
_WHITE_IS_ZERO = 0


def depth_of(largest: int) -> int:
    """The smallest of 8, 10, 12 and 16 bits that holds a value."""
    return next(bits for bits in DEPTHS if largest < 1 << bits)


def is_deep(image: Image.Image) -> bool:
    """Whether an image that is open and not loaded has more than 8 bits a channel.

    Raises:
      ValueError: It has more, in a form that Pillow would take for 8 bits.
    """
    bits = getattr(image, "tag_v2", {}).get(_BITS_TAG, (8,))
    if _raw_mode(image) in ("R", "L", "C") and bits[0] > 8:
        raise ValueError(
            "a TIFF with a plane for each channel, of more than 8 bits, is not "
            "understood; save it with the channels of a pixel side by side"
        )
    return image.mode.startswith("I;16") or ";16" in _raw_mode(image)


def load_deep(
    image: Image.Image, reopen: Callable[[], Image.Image] | None
) -> np.ndarray:
    """All bits of an image's pixels; loads the image.

    Args:
      image: Open, not loaded, and deep.
      reopen: Opens the same file once more.

    Returns:
      uint16 `[H, W, C]`: grey; grey and alpha; red, green, blue; or those and alpha.
    """
    raw = _raw_mode(image)
    if image.mode.startswith("I;16"):
        image.load()
        values = np.asarray(image).astype(np.uint16)[..., None]
    elif raw == "LA;16B":
        # Two bytes each of grey and alpha are as many as red, green, blue and alpha.
        _read_as(image, "RGBA")
        values = np.asarray(image).view(">u2").astype(np.uint16)
    else:
        # Pillow keeps one byte of each two: the first in one mode, and in the other
        # mode the second.
        kind, _, order = raw.partition(";16")
        little = order == "L" or (order == "N" and sys.byteorder == "little")
        kind = kind.replace("a", "A")
        second = reopen()
        _read_as(image, f"{kind};16{'L' if little else 'B'}")
        _read_as(second, f"{kind};16{'B' if little else 'L'}")
        values = np.asarray(image).astype(np.uint16) << 8 | np.asarray(second)
    return _with_transparent_colour(values, image.info.get("transparency"))


def largest_value(values: np.ndarray) -> int:
    """The largest value of `load_deep`'s colours; alpha does not count."""
    num_colours = values.shape[-1] - (values.shape[-1] in (2, 4))
    return int(values[..., :num_colours].max())


def to_eight_bits(values: np.ndarray, depth: int) -> Image.Image:
    """The upper eight of `depth` bits of `load_deep`'s values."""
    num_channels = values.shape[-1]
    shifted = np.minimum(values >> (depth - 8), 255)
    if num_channels in (2, 4) and values[..., -1].max() >= 1 << depth:
        shifted[..., -1] = values[..., -1] >> 8  # Alpha is of 16 bits all the same.
    pixels = shifted.astype(np.uint8)
    if num_channels == 1:
        return Image.fromarray(pixels[..., 0])
    if num_channels == 2:
        pixels = pixels[..., [0, 0, 0, 1]]
    return Image.fromarray(pixels)


def is_negative(image: Image.Image) -> bool:
    """Whether 0 is white, which Pillow heeds for images of 8 bits only."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO


def _raw_mode(image: Image.Image) -> str:
    """How the pixels lie in the file, in Pillow's words; "" where it does not say."""
    for tile in getattr(image, "tile", ()):
        arguments = tile[3]
        raw = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
        return raw if isinstance(raw, str) else ""
    return ""


def _read_as(image: Image.Image, raw_mode: str) -> None:
    """Loads an image as if its pixels lay in the file in another raw mode."""
    tiles = []
    for codec, extents, offset, arguments in image.tile:
        if isinstance(arguments, tuple):
            arguments = (raw_mode, *arguments[1:])
        else:
            arguments = raw_mode
        tiles.append(type(image.tile[0])(codec, extents, offset, arguments))
    image.tile = tiles
    image.load()


def _with_transparent_colour(
    values: np.ndarray, colour: int | tuple[int, ...] | bytes | None
) -> np.ndarray:
    """Adds alpha to grey or coloured values of which one colour is transparent."""
    if colour is None or isinstance(colour, bytes) or values.shape[-1] in (2, 4):
        return values
    alpha = np.where((values == np.array(colour)).all(-1, keepdims=True), 0, 65535)
    return np.concatenate([values, alpha.astype(np.uint16)], axis=-1)
