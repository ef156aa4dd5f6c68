"""Tests of opening images whose pixels are good and whose wrapping is not."""

import io
import struct
import zlib

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image, ImageFile, PngImagePlugin

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import decode_image

_ROWS, _COLUMNS = np.mgrid[0:32, 0:32]
_PIXELS = np.stack([8 * _ROWS, 8 * _COLUMNS, 255 - 8 * _ROWS], -1).astype(np.uint8)
_NOT_TIFF = b"not a TIFF header at all"
_ORIENTATION_6 = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"


def _encode(image_format: str, **options) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(_PIXELS).save(encoded, image_format, **options)
    return encoded.getvalue()


def _chunk(name: bytes, data: bytes, checksum_is_wrong: bool = False) -> bytes:
    checksum = zlib.crc32(name + data) ^ checksum_is_wrong
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def _png_with(*chunks: bytes) -> bytes:
    """A PNG with chunks between its header and its pixels."""
    content = _encode("PNG")
    return content[:33] + b"".join(chunks) + content[33:]


def _png_ending_with(*chunks: bytes) -> bytes:
    """A PNG with chunks between its pixels and its end."""
    content = _encode("PNG")
    return content[:-12] + b"".join(chunks) + content[-12:]


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _jpeg_with(*segments: bytes) -> bytes:
    content = _encode("JPEG", quality=100, subsampling=0)
    return content[:2] + b"".join(segments) + content[2:]


_HUGE_TEXT = b"key\0\0" + zlib.compress(bytes(2 << 20))
_HUGE_INTERNATIONAL_TEXT = b"key\0\1\0\0\0" + zlib.compress(b"a" * (2 << 20))
_MUCH_TEXT = [_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20)))] * 66

_PNGS = {
    "exif_that_is_no_tiff": _png_with(_chunk(b"eXIf", _NOT_TIFF)),
    "empty_exif": _png_with(_chunk(b"eXIf", b"")),
    "exif_that_points_nowhere": _png_with(_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")),
    "exif_in_a_text_that_is_none": _png_with(
        _chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 8\nzzzz")
    ),
    "huge_text": _png_with(_chunk(b"zTXt", _HUGE_TEXT)),
    "huge_text_at_the_end": _png_ending_with(_chunk(b"zTXt", _HUGE_TEXT)),
    "huge_international_text": _png_with(_chunk(b"iTXt", _HUGE_INTERNATIONAL_TEXT)),
    "much_text": _png_with(*_MUCH_TEXT),
    "text_with_a_wrong_checksum": _png_with(_chunk(b"tEXt", b"Comment\0a", True)),
    "text_of_unknown_compression": _png_with(_chunk(b"zTXt", b"key\0\7abc")),
    "private_chunk_with_a_wrong_checksum": _png_with(_chunk(b"prVt", b"a", True)),
    "time_with_a_wrong_checksum": _png_ending_with(_chunk(b"tIME", b"abcdefg", True)),
    "broken_profile": _png_with(_chunk(b"iCCP", b"name\0\0" + b"nothing")),
    "profile_without_a_name": _png_with(_chunk(b"iCCP", b"name")),
    "profile_of_unknown_compression": _png_with(_chunk(b"iCCP", b"name\0\7a")),
    "huge_profile": _png_with(_chunk(b"iCCP", b"name\0\0" + _HUGE_TEXT[5:])),
    "cut_gamma": _png_with(_chunk(b"gAMA", b"a")),
    "cut_chromaticity": _png_with(_chunk(b"cHRM", b"a")),
    "cut_density": _png_with(_chunk(b"pHYs", b"a")),
    "cut_transparency": _png_with(_chunk(b"tRNS", b"a")),
    "broken_animation": _png_with(_chunk(b"acTL", b"a"), _chunk(b"fcTL", b"b")),
    "transparency_with_a_wrong_checksum": _png_with(_chunk(b"tRNS", bytes(6), True)),
    "no_end": _encode("PNG")[:-12],
    "more_after_the_end": _encode("PNG") + b"more",
}
_JPEGS = {
    "exif_that_is_no_tiff": _jpeg_with(_segment(0xE1, b"Exif\0\0" + _NOT_TIFF)),
    "exif_that_points_nowhere": _jpeg_with(
        _segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")
    ),
    "empty_exif": _jpeg_with(_segment(0xE1, b"Exif\0\0")),
    "cut_jfif": _jpeg_with(_segment(0xE0, b"JFIF\0")),
    "cut_photoshop": _jpeg_with(_segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4")),
    "cut_adobe": _jpeg_with(_segment(0xEE, b"Adobe\0")),
    "broken_profile": _jpeg_with(_segment(0xE2, b"ICC_PROFILE\0\1\3abc")),
    "cut_profile": _jpeg_with(_segment(0xE2, b"ICC_PROFILE\0")),
    "broken_multi_picture": _jpeg_with(_segment(0xE2, b"MPF\0" + _NOT_TIFF)),
    "empty_multi_picture": _jpeg_with(_segment(0xE2, b"MPF\0")),
    "a_comment_of_any_bytes": _jpeg_with(_segment(0xFE, bytes(range(256)))),
    "more_after_the_end": _jpeg_with() + b"more",
}


class GoodPixelsTest(parameterized.TestCase):
    @parameterized.parameters(*_PNGS)
    def test_reads_png_with(self, what):
        np.testing.assert_array_equal(decode_image(_PNGS[what], 32), _PIXELS)

    @parameterized.parameters(*_JPEGS)
    def test_reads_jpeg_with(self, what):
        decoded = decode_image(_JPEGS[what], 32).astype(int)
        self.assertLess(np.abs(decoded - _PIXELS).max(), 8)

    @parameterized.parameters("WEBP", "AVIF")
    def test_reads_others_whose_exif_is_no_tiff(self, image_format):
        exif = Image.Exif()
        exif[0x010E] = "A description"
        good = _encode(image_format, exif=exif)
        where = good.index(b"A description") - 26
        bad = good[:where] + b"nonsense" + good[where + 8 :]
        decoded = decode_image(bad, 32).astype(int)
        self.assertLess(np.abs(decoded - _PIXELS).mean(), 12)

    @parameterized.parameters(34665, 34853, 40965, 33723, 700, 34675, 37724)
    def test_reads_tiff_with_a_broken_tag(self, tag):
        content = bytearray(_encode("TIFF", tiffinfo={tag: 7}, compression="raw"))
        # The tag's entry becomes an offset, of a directory or text, beyond the file.
        (start,) = struct.unpack_from("<I", content, 4)
        (count,) = struct.unpack_from("<H", content, start)
        for position in range(start + 2, start + 2 + 12 * count, 12):
            if struct.unpack_from("<H", content, position)[0] == tag:
                struct.pack_into("<HII", content, position + 2, 4, 1, 0x7FFFFFFF)
        np.testing.assert_array_equal(decode_image(bytes(content), 32), _PIXELS)

    def test_what_exif_data_say_still_counts_beside_broken_chunks(self):
        content = _png_with(
            _chunk(b"eXIf", _ORIENTATION_6), _chunk(b"tEXt", b"Comment\0a", True)
        )
        np.testing.assert_array_equal(decode_image(content, 32), np.rot90(_PIXELS, -1))

    def test_transparency_still_counts_beside_broken_chunks(self):
        content = _png_with(
            _chunk(b"tRNS", struct.pack(">3H", *_PIXELS[3, 4])),
            _chunk(b"tEXt", b"Comment\0a", True),
        )
        expected = _PIXELS.copy()
        expected[3, 4] = 255
        np.testing.assert_array_equal(decode_image(content, 32), expected)

    def test_leaves_the_settings_of_pillow_alone(self):
        for content in (*_PNGS.values(), *_JPEGS.values()):
            decode_image(content, 32)
        self.assertFalse(ImageFile.LOAD_TRUNCATED_IMAGES)
        self.assertEqual(PngImagePlugin.MAX_TEXT_CHUNK, 1 << 20)
        self.assertEqual(PngImagePlugin.MAX_TEXT_MEMORY, 64 << 20)


class BadPixelsTest(parameterized.TestCase):
    def test_refuses_cut_pixels_behind_broken_chunks(self):
        whole = _png_with(_chunk(b"tEXt", b"Comment\0a", True))
        with self.assertRaises(DatasetError):
            decode_image(whole[: len(whole) // 2], 32)

    def test_refuses_pixels_with_a_wrong_checksum(self):
        content = bytearray(_encode("PNG"))
        content[-18] ^= 1  # The last byte of the compressed pixels' own checksum.
        with self.assertRaises(DatasetError):
            decode_image(bytes(content), 32)

    def test_refuses_a_bomb_behind_broken_chunks(self):
        header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
        content = _encode("PNG")
        bomb = content[:8] + _chunk(b"IHDR", header) + content[33:]
        bomb = bomb[:33] + _chunk(b"tEXt", b"Comment\0a", True) + bomb[33:]
        with self.assertRaisesRegex(DatasetError, "bomb|too many"):
            decode_image(bomb, 32)

    def test_says_how_many_pixels_there_may_be(self):
        encoded = io.BytesIO()
        Image.new("1", (10_000, 9_000)).save(encoded, "PNG")
        with self.assertRaisesRegex(DatasetError, "at most 89,478,485"):
            decode_image(encoded.getvalue(), 32)


if __name__ == "__main__":
    absltest.main()
