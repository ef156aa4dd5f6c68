"""Which kind of image a file is, judged by its first bytes and never by its name.

Only formats that are listed here are ever handed to Pillow: some of its others (EPS,
PDF, WMF) start other programs.
"""

import functools
import importlib

from PIL import features

HEAD_BYTES = 64

# What people know the formats by, for messages.
FORMATS = "JPEG, PNG, GIF, BMP, WebP, TIFF, AVIF, HEIC (with pillow-heif)"

# These names promise an image: where the content is no image, something has gone wrong.
IMAGE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .mpo .png .gif .bmp .webp .tif .tiff .avif".split()
    + ".heic .heif .hif".split()
)

_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (
    *(b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"),
    *(b"mif1", b"msf1"),
)


def image_format(head: bytes) -> str | None:
    """Pillow's name of the format, or None for whatever is no image we read.

    Args:
      head: The first `HEAD_BYTES` of a file, or all of it.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"  # JFIF and MPO too, which Pillow tells apart.
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    # Text may begin with BM too.
    size = int.from_bytes(head[14:18], "little")
    if head.startswith(b"BM") and size in _BMP_HEADER_SIZES:
        return "BMP"
    return _format_of_boxes(head) if head[4:8] == b"ftyp" else None


def _format_of_boxes(head: bytes) -> str | None:
    """AVIF or HEIF, by the brands that the first box of the file names."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, end, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "AVIF"
    return "HEIF" if any(brand in _HEIF_BRANDS for brand in brands[:1]) else None


@functools.cache
def what_reads(image_format: str) -> str | None:
    """What has to be done before a format can be read; None if nothing."""
    if image_format == "HEIF" and not _registers_heif():
        return "HEIC photos: `pip install pillow-heif`, or convert them to JPEG or PNG"
    if image_format == "AVIF" and not features.check("avif"):
        return "AVIF: this Pillow was built without it; convert them to JPEG or PNG"
    return None


def _registers_heif() -> bool:
    """Lets Pillow read HEIF, if the optional package is there."""
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except Exception:  # It is absent, or broken in whatever way.
        return False
    return True
