"""Tests of images of more than 8 bits a channel."""

import io
import pathlib
import struct
import zlib

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes import deep_pixels
from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import decode_image, largest_values

_SIZE = 6
_PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
_RANDOM = np.random.RandomState(0)


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _png(values: np.ndarray, *chunks: bytes) -> bytes:
    """A PNG of 16 bits; its rows are filtered by the pixel to the left (Sub)."""
    height, width, channels = values.shape
    rows = values.astype(">u2").view(np.uint8).reshape(height, -1).astype(np.int64)
    rows[:, 2 * channels :] -= rows[:, : -2 * channels].copy()
    filtered = b"".join(b"\1" + row.astype(np.uint8).tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, _PNG_COLOURS[channels], 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), *chunks)
    chunks += (_chunk(b"IDAT", zlib.compress(filtered)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _tiff(values: np.ndarray, order: str = "<", compression: int = 1, **tags) -> bytes:
    """A TIFF of 16 bits in one strip; compression 1 is none and 8 is zlib's."""
    height, width, channels = values.shape
    pixels = values.astype(f"{order}u2").tobytes()
    if compression == 8:
        pixels = zlib.compress(pixels)
    bits_at = 8 + len(pixels)
    directory_at = bits_at + 8
    is_grey = channels == 1
    short = {
        256: width,
        257: height,
        259: compression,
        262: tags.get("photometric", 1 if is_grey else 2),
        273: 8,
        277: channels,
        278: height,
        279: len(pixels),
        284: tags.get("planar", 1),
    }
    if channels == 4:
        short[338] = 2
    entries = [(tag, 4, 1, value) for tag, value in short.items()]
    entries += [(258, 3, 1, 0) if is_grey else (258, 3, channels, bits_at)]
    content = b"II" if order == "<" else b"MM"
    content += struct.pack(f"{order}HI", 42, directory_at) + pixels
    content += struct.pack(f"{order}4H", *[16] * 4)
    content += struct.pack(f"{order}H", len(entries))
    for tag, kind, count, value in sorted(entries):
        content += struct.pack(f"{order}HHI", tag, kind, count)
        if tag == 258 and is_grey:
            content += struct.pack(f"{order}HH", 16, 0)
        else:
            content += struct.pack(f"{order}I", value)
    return content + bytes(4)


def _values(channels: int, bits: int) -> np.ndarray:
    """Random values; the largest that fits is among them, and alpha is full."""
    values = _RANDOM.randint(0, 1 << bits, (_SIZE, _SIZE, channels)).astype(np.uint16)
    values[0, 0] = (1 << bits) - 1
    if channels in (2, 4):
        values[..., -1] = 65535
    return values


def _rgb(values: np.ndarray) -> np.ndarray:
    colours = values[..., : 1 if values.shape[-1] < 3 else 3]
    return np.broadcast_to(colours, (*values.shape[:2], 3))


class DeepPixelsTest(parameterized.TestCase):
    @parameterized.product(channels=[1, 2, 3, 4], bits=[9, 10, 12, 16])
    def test_png(self, channels, bits):
        values = _values(channels, bits)
        self._check(_png(values), values, bits)

    @parameterized.product(
        channels=[1, 3, 4], bits=[10, 12, 16], order=["<", ">"], compression=[1, 8]
    )
    def test_tiff(self, channels, bits, order, compression):
        values = _values(channels, bits)
        self._check(_tiff(values, order, compression), values, bits)

    def _check(self, content, values, bits):
        ((_, largest),) = largest_values([("a", _file(self, content))])
        self.assertEqual(largest, (1 << bits) - 1)
        depth = deep_pixels.depth_of(largest)
        self.assertEqual(depth, {9: 10}.get(bits, bits))
        expected = _rgb(values) >> (depth - 8)
        np.testing.assert_array_equal(decode_image(content, _SIZE, depth), expected)

    def test_alpha_of_12_bits_is_alpha(self):
        values = np.zeros((4, 4, 4), np.uint16)
        values[..., 3] = 4095
        values[0, 0, 3] = 0
        decoded = decode_image(_png(values), 4, 12)
        np.testing.assert_array_equal(decoded[1:], 0)
        np.testing.assert_array_equal(decoded[0, 0], 255)

    @parameterized.parameters(1, 3)
    def test_a_transparent_colour_lies_on_white(self, channels):
        values = np.full((4, 4, channels), 2560, np.uint16)
        values[0, 0] = 16
        colour = struct.pack(f">{channels}H", *[16] * channels)
        decoded = decode_image(_png(values, _chunk(b"tRNS", colour)), 4, 12)
        np.testing.assert_array_equal(decoded[0, 0], 255)
        np.testing.assert_array_equal(decoded[1:], 160)

    def test_where_0_is_white_it_stays_white(self):
        values = np.zeros((4, 4, 1), np.uint16)
        values[0, 0] = 65535
        values[1, 1] = 4095
        decoded = decode_image(_tiff(values >> 4, photometric=0), 4, 12)
        np.testing.assert_array_equal(decoded[0, 0], 0)
        np.testing.assert_array_equal(decoded[1, 1], 240)
        np.testing.assert_array_equal(decoded[2:], 255)

    def test_turns_upright(self):
        exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
        values = _values(3, 12)
        decoded = decode_image(_png(values, _chunk(b"eXIf", exif)), _SIZE, 12)
        np.testing.assert_array_equal(decoded, np.rot90(values >> 4, -1))

    def test_is_read_behind_broken_chunks(self):
        broken = _chunk(b"tEXt", b"Comment\0a")[:-1] + b"?"
        values = _values(3, 12)
        decoded = decode_image(_png(values, broken), _SIZE, 12)
        np.testing.assert_array_equal(decoded, values >> 4)

    def test_planes_of_many_bits_are_refused(self):
        content = _tiff(_values(3, 16), planar=2)
        with self.assertRaisesRegex(DatasetError, "side by side"):
            decode_image(content, _SIZE)

    def test_images_of_8_bits_have_no_largest_value(self):
        for image_format in ("PNG", "TIFF", "JPEG"):
            content = _saved(Image.new("RGB", (4, 4)), image_format)
            ((_, largest),) = largest_values([("a", _file(self, content))])
            self.assertIsNone(largest)

    def test_8_bits_stay_what_they_are_whatever_the_depth(self):
        pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
        decoded = decode_image(_saved(Image.fromarray(pixels), "PNG"), 4, 12)
        np.testing.assert_array_equal(decoded[..., 0], pixels)

    @parameterized.parameters(
        (0, 8), (255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12), (4096, 16)
    )
    def test_depth_is_the_smallest_that_holds_a_value(self, largest, depth):
        self.assertEqual(deep_pixels.depth_of(largest), depth)


def _saved(image: Image.Image, image_format: str) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, image_format)
    return encoded.getvalue()


def _file(test: absltest.TestCase, content: bytes):
    path = pathlib.Path(test.create_tempfile().full_path)
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    absltest.main()
