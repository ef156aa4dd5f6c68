"""Opening an image file from outside for its pixels, whatever else it carries.

Cameras and editors wrap pixels in comments, profiles and EXIF data, some of it broken
or huge. As image viewers do, we read a picture whose pixels are whole all the same.
Pillow's settings, which are global, stay as they are.
"""

import functools
import io
import math
import re
import struct
import zlib
from collections.abc import Callable
from typing import TypeVar

from PIL import ExifTags, Image, UnidentifiedImageError

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.image_formats import FORMATS, image_format, what_reads
from autometa_tf.episodes.jpeg_end import with_end

Result = TypeVar("Result")

_PNG_MAGIC = 8
_PNG_COLOUR_BYTE = 25
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"eXIf")
# The application segments of a JPEG that are kept: JFIF, EXIF, and Adobe's kind of
# colours, with their least lengths.
_JPEG_KEPT_APPS = {0xE0: 14, 0xE1: 14, 0xEE: 12}
_JPEG_COMMENT = 0xFE
# The tags of size, bits, compression, colours, orientation, strips and tiles, and their
# tables.
_TIFF_KEPT = frozenset(
    (*range(254, 260), 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320)
    + (*range(322, 326), 332, 338, 339, 340, 341, 347, *range(529, 533))
)
_JPEG_SCAN = 0xDA
# The entry of a box file that names an item of EXIF data.
_EXIF_ITEM = re.compile(rb"(infe[\x02\x03].{7}|infe\x03.{9})Exif", re.DOTALL)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooManyPixelsError(ValueError):
    """An image so large that it may be meant to exhaust memory."""


def load_image(
    content: bytes, load: Callable[[Callable[[], Image.Image]], Result]
) -> Result:
    """Opens and loads an image, without what its pixels are wrapped in if need be.

    Args:
      content: The whole file.
      load: Gets a function that opens the image anew, and makes of it what the caller
        wants.

    Returns:
      What `load` returns.

    Raises:
      DatasetError: It is no image of the formats we read.
      Exception: The image is damaged; Pillow's errors are of many kinds.
    """
    kind = image_format(content[:64])
    if kind is None:
        what = "" if content else "; the file is empty"
        raise DatasetError(f"not one of {FORMATS}{what}")
    if missing := what_reads(kind):
        raise DatasetError(missing)
    try:
        return load(functools.partial(_open, content, kind))
    except (TooManyPixelsError, DatasetError):
        raise
    except Exception:
        bare = _without_wrapping(content, kind)
        if bare == content:
            raise
        try:
            return load(functools.partial(_open, bare, kind))
        except TooManyPixelsError:
            raise
        except Exception:
            pass  # The first error says more.
        raise


def _open(content: bytes, kind: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=(kind,))
    except UnidentifiedImageError as error:
        raise ValueError(f"damaged, or no {kind} that can be read") from error
    except Image.DecompressionBombError as error:
        raise TooManyPixelsError(
            f"decompression bomb? Make it smaller, to at most "
            f"{Image.MAX_IMAGE_PIXELS:,} pixels. {error}"
        ) from error
    if image.width * image.height > Image.MAX_IMAGE_PIXELS:
        raise TooManyPixelsError(
            f"{image.width} x {image.height} pixels are too many; make it smaller, to "
            f"at most {Image.MAX_IMAGE_PIXELS:,}"
        )
    return image


def turn_upright(image: Image.Image, pixels: Image.Image) -> Image.Image:
    """Turns pixels as the EXIF data of a loaded image says; broken data say nothing."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        turn = _TURNS.get(orientation)
    except Exception:  # Anything may stand where EXIF data should.
        turn = None
    return pixels if turn is None else pixels.transpose(turn)


def _without_wrapping(content: bytes, kind: str) -> bytes:
    """The file with what its pixels need, as far as we know its format."""
    try:
        if kind == "PNG":
            return _bare_png(content)
        if kind == "JPEG":
            return with_end(_bare_jpeg(content))
        if kind == "TIFF":
            return _bare_tiff(content)
    except Exception:  # Anything may stand where the format's parts should.
        return content
    if kind in ("AVIF", "HEIF"):  # An item of no known type is passed over.
        return _EXIF_ITEM.sub(rb"\1free", content)
    return content


def _bare_png(content: bytes) -> bytes:
    """The chunks that make the pixels, and EXIF data for its orientation.

    As viewers do, chunks that are not critical are dropped where their checksum is
    wrong. Critical ones stay as they are, for Pillow to check.
    """
    # One value of two bytes names a transparent grey, three name a transparent colour.
    least_transparency = {0: 2, 2: 6}.get(content[_PNG_COLOUR_BYTE], 0)
    kept, position = [content[:_PNG_MAGIC]], _PNG_MAGIC
    while position + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        chunk = content[position:end]
        is_critical = not name[0] & 0x20
        if name in _PNG_KEPT and (is_critical or _is_whole(chunk)):
            if name != b"tRNS" or length >= least_transparency:
                kept.append(chunk)
        position = end
    return b"".join(kept)


def _is_whole(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")


def _bare_jpeg(content: bytes) -> bytes:
    """The file without comments, profiles, thumbnails and what programs have added."""
    kept, position = [content[:2]], 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # Padding.
            position += 1
            continue
        if marker == _JPEG_SCAN:
            return b"".join([*kept, content[position:]])
        end = position + 2 + struct.unpack_from(">H", content, position + 2)[0]
        is_app = 0xE0 <= marker <= 0xEF
        least = _JPEG_KEPT_APPS.get(marker, math.inf) if is_app else 0
        if marker != _JPEG_COMMENT and end - position - 4 >= least:
            kept.append(content[position:end])
        position = end
    return content


def _bare_tiff(content: bytes) -> bytes:
    """The first directory with the tags that make the pixels only."""
    order = "<" if content.startswith(b"II") else ">"
    (version,) = struct.unpack_from(f"{order}H", content, 2)
    if version != 42:  # BigTIFF: its offsets are wider.
        return content
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    kept = []
    for position in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from(f"{order}H", content, position)
        if tag in _TIFF_KEPT:
            kept.append(content[position : position + 12])
    # It ends with the place of the next directory: there is none.
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + bytes(4)
    return content[:start] + directory + content[start + len(directory) :]
