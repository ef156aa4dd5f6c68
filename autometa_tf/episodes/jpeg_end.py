"""A JPEG whose end-of-image marker is lost, as by a copy that stopped a byte short.

Viewers show such a file. So do we, where all of its pixels are there; Pillow alone can
only refuse it, or put grey where pixels are missing.
"""

import io

from PIL import Image

_END = b"\xff\xd9"
_MARKERS_WITHOUT_LENGTH = (0x00, 0x01, *range(0xD0, 0xD8))
_SCAN = 0xDA
# Fillings for what may be missing. They decode to different pixels, so equal pixels
# show that nothing is missing. The file may also break off after one of the eight
# restart markers.
_RESTARTS = [bytes([0xFF, 0xD0 + i]) for i in range(8)]
_FILLINGS = [(byte * 64).join([b"", *_RESTARTS, b""]) for byte in (b"\x00", b"\xfe")]


def with_end(content: bytes) -> bytes:
    """The file with its end, or as it is where it has one or pixels are missing.

    Args:
      content: A JPEG file, from its start-of-image marker on.

    Raises:
      Exception: The file is damaged; Pillow's errors are of many kinds.
    """
    # Where a disk or a camera has failed, zeros stand for what is missing.
    if _END in content[-2:] or content.endswith(b"\0\0"):
        return content
    cut = content.removesuffix(_END[:1])
    if not _has_all_scans(cut):
        return content
    pixels = [_decoded(cut + filling + _END) for filling in _FILLINGS]
    return cut + _END if pixels[0] == pixels[1] else content


def _decoded(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        return image.tobytes()


def _has_all_scans(content: bytes) -> bool:
    """Whether each coefficient of each component is there to its last bit.

    Progressive files bring them in several scans, and a file may end between two.
    """
    missing_bits: dict[tuple[int, int], int] = {}
    components: set[int] = set()
    position = content.find(b"\xff", 2)
    while 0 <= position < len(content) - 1:
        marker = content[position + 1]
        if marker == 0xFF or marker in _MARKERS_WITHOUT_LENGTH:
            position = content.find(b"\xff", position + (1 if marker == 0xFF else 2))
            continue
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        if length < 2 or position + 2 + length > len(content):
            return False
        body = content[position + 4 : position + 2 + length]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            components |= {body[6 + 3 * i] for i in range(body[5])}
        elif marker == _SCAN:
            names = [body[1 + 2 * i] for i in range(body[0])]
            first, last, bits = body[-3:]
            for coefficient in range(first, last + 1):
                for name in names:
                    missing_bits[name, coefficient] = bits & 15
        position = content.find(b"\xff", position + 2 + length)
    needed = {(name, coefficient) for name in components for coefficient in range(64)}
    return bool(needed) and all(missing_bits.get(key) == 0 for key in needed)
