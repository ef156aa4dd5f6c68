"""Tests of decoding image files of many kinds, whole and damaged."""

import io
import os
import pathlib

import numpy as np
from absl.testing import absltest, parameterized
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import (
    bad_files_error,
    decode_image,
    decode_images,
    image_pixels,
)

# A smooth image: lossy formats change it little.
_ROWS, _COLUMNS = np.mgrid[0:32, 0:32]
_PIXELS = np.stack([8 * _ROWS, 8 * _COLUMNS, 255 - 8 * _ROWS], -1).astype(np.uint8)


def _encode(pixels: np.ndarray | Image.Image, image_format: str, **options) -> bytes:
    image = Image.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels
    encoded = io.BytesIO()
    image.save(encoded, image_format, **options)
    return encoded.getvalue()


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned: show it turned clockwise by 90.
    return exif


class DecodeImageTest(parameterized.TestCase):
    @parameterized.parameters("PNG", "BMP", "TIFF")
    def test_keeps_the_pixels_of_lossless_formats(self, image_format):
        decoded = decode_image(_encode(_PIXELS, image_format), 32)
        np.testing.assert_array_equal(decoded, _PIXELS, strict=True)

    @parameterized.parameters("JPEG", "WEBP", "GIF")
    def test_reads_lossy_formats(self, image_format):
        decoded = decode_image(_encode(_PIXELS, image_format), 32)
        self.assertLess(np.abs(decoded.astype(int) - _PIXELS).mean(), 12)

    def test_grey_becomes_three_equal_channels(self):
        grey = _PIXELS[:, :, 0]
        decoded = decode_image(_encode(grey, "PNG"), 32)
        np.testing.assert_array_equal(decoded, np.stack([grey] * 3, -1))

    def test_black_and_white_spans_the_range(self):
        decoded = decode_image(_encode(_ROWS > 15, "PNG"), 32)
        np.testing.assert_array_equal(decoded[..., 0], np.where(_ROWS > 15, 255, 0))

    @parameterized.parameters("PNG", "TIFF")
    def test_sixteen_bits_keep_the_upper_eight(self, image_format):
        deep = (_ROWS * 32 + _COLUMNS).astype(np.uint16) * 64
        decoded = decode_image(_encode(deep, image_format), 32)
        np.testing.assert_array_equal(decoded[..., 1], deep // 256)

    def test_palette_becomes_colours(self):
        palette = Image.fromarray(_PIXELS).quantize(256)
        decoded = decode_image(_encode(palette, "PNG"), 32)
        np.testing.assert_array_equal(decoded, np.asarray(palette.convert("RGB")))

    def test_transparent_pixels_lie_on_white(self):
        alpha = np.where(_ROWS > 15, 255, 0)
        alpha[0, 0] = 102
        image = np.dstack([_PIXELS, alpha]).astype(np.uint8)
        decoded = decode_image(_encode(image, "PNG"), 32)
        expected = np.where(_ROWS[..., None] > 15, _PIXELS, 255)
        expected[0, 0] = 0.4 * _PIXELS[0, 0] + 0.6 * 255
        np.testing.assert_allclose(decoded, expected, atol=1)

    def test_transparent_palette_lies_on_white(self):
        palette = Image.new("P", (4, 4), 0)
        palette.putpalette([10, 20, 30])
        decoded = decode_image(_encode(palette, "PNG", transparency=0), 4)
        np.testing.assert_array_equal(decoded, 255)

    def test_cmyk_becomes_red_green_blue(self):
        cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
        decoded = decode_image(_encode(cyan, "JPEG"), 8)
        np.testing.assert_allclose(decoded[0, 0], [0, 255, 255], atol=3)

    def test_turns_upright(self):
        decoded = decode_image(_encode(_PIXELS, "PNG", exif=_turned()), 32)
        np.testing.assert_array_equal(decoded, np.rot90(_PIXELS, -1))

    def test_takes_the_first_frame(self):
        frames = [Image.new("L", (8, 8), value) for value in (0, 128, 255)]
        content = _encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
        np.testing.assert_array_equal(decode_image(content, 8), 0)

    def test_resizes_as_pillow_does_and_squeezes(self):
        content = _encode(_PIXELS[:, :20], "PNG")
        image = Image.fromarray(_PIXELS[:, :20])
        expected = np.asarray(image.resize((12, 12), Image.Resampling.LANCZOS))
        np.testing.assert_array_equal(decode_image(content, 12), expected)

    def test_refuses_more_pixels_than_are_harmless(self):
        content = _encode(Image.new("1", (10_000, 9_000)), "PNG")
        self.assertLess(len(content), 100_000)
        with self.assertRaisesRegex(DatasetError, "10000 x 9000 pixels are too many"):
            decode_image(content, 32)

    def test_refuses_a_decompression_bomb(self):
        content = _encode(Image.new("1", (20_000, 10_000)), "PNG")
        with self.assertRaisesRegex(DatasetError, "decompression bomb"):
            decode_image(content, 32)

    @parameterized.parameters(np.int32, np.float32)
    def test_refuses_pixels_of_unknown_range(self, dtype):
        with self.assertRaisesRegex(DatasetError, "no known range"):
            decode_image(_encode(_ROWS.astype(dtype), "TIFF"), 32)

    @parameterized.parameters(b"", b"text", b"%!PS-Adobe-3.0 EPSF-3.0\n")
    def test_refuses_what_is_no_image(self, content):
        with self.assertRaisesRegex(DatasetError, "not one of JPEG"):
            decode_image(content, 32)

    @parameterized.parameters({}, {"progressive": True}, {"restart_marker_blocks": 1})
    def test_a_truncated_jpeg_is_read_whole_or_refused(self, **options):
        content = _encode(_PIXELS, "JPEG", **options)
        whole = decode_image(content, 32)
        for lost in (1, 2):  # Of its end, which viewers do without.
            np.testing.assert_array_equal(decode_image(content[:-lost], 32), whole)
        for length in range(len(content) - 3):
            with self.assertRaises(DatasetError):
                decode_image(content[:length], 32)

    @settings(deadline=None, max_examples=400)
    @given(st.data())
    def test_damage_gives_the_named_error_or_an_image(self, data):
        formats = ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"]
        content = bytearray(_ENCODED[data.draw(st.sampled_from(formats))])
        for _ in range(data.draw(st.integers(1, 10))):
            position = data.draw(st.integers(0, len(content) - 1))
            content[position] = data.draw(st.integers(0, 255))
        ((_, result),) = decode_images([("a", bytes(content))], 16)
        if isinstance(result, DatasetError):
            self.assertNotIn("\n", str(result))
        else:
            self.assertEqual((result.dtype, result.shape), (np.uint8, (16, 16, 3)))


_ENCODED = {
    name: _encode(_PIXELS, name)
    for name in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
}


class ImagePixelsTest(parameterized.TestCase):
    @parameterized.named_parameters(
        ("coloured", lambda: _encode(_PIXELS, "PNG")),
        ("grey", lambda: _encode(_PIXELS[..., 0], "PNG")),
        ("palette", lambda: _encode(Image.fromarray(_PIXELS).quantize(64), "GIF")),
        ("transparent", lambda: _encode(_PIXELS[..., [0, 1, 2, 0]], "PNG")),
        ("turned", lambda: _encode(_PIXELS, "PNG", exif=_turned())),
        ("deep", lambda: _encode((_ROWS * 2000).astype(np.uint16), "PNG")),
        ("deep TIFF", lambda: _encode((_ROWS * 2000).astype(np.uint16), "TIFF")),
        ("not square", lambda: _encode(_PIXELS[:20], "PNG")),
    )
    def test_an_open_image_is_as_its_file(self, encode):
        content = encode()
        expected = decode_image(content, 16)
        image = Image.open(io.BytesIO(content))
        np.testing.assert_array_equal(image_pixels(image, 16), expected, strict=True)
        # Once more, now that it is loaded: it stays as it was.
        np.testing.assert_array_equal(image_pixels(image, 16), expected)

    def test_bad_images_are_refused(self):
        with self.assertRaisesRegex(DatasetError, "32 bits have no known range"):
            image_pixels(Image.new("F", (8, 8)), 8)
        half = _encode(_PIXELS, "PNG")[:-60]
        with self.assertRaisesRegex(DatasetError, "truncated"):
            image_pixels(Image.open(io.BytesIO(half)), 8)


class DecodeImagesTest(absltest.TestCase):
    def test_keeps_the_order_of_many(self):
        values = [i % 256 for i in range(1100)]
        files = ((i, _encode(Image.new("L", (8, 8), i), "PNG")) for i in values)
        results = list(decode_images(files, 8))
        self.assertEqual([name for name, _ in results], values)
        self.assertEqual([int(image[0, 0, 0]) for _, image in results], values)

    def test_reads_only_so_far_ahead(self):
        taken = 0

        def files():
            nonlocal taken
            while True:
                taken += 1
                yield taken, np.zeros((8, 8, 3), np.uint8)

        next(decode_images(files(), 8))
        self.assertLess(taken, 2000)

    def test_reads_files(self):
        path = pathlib.Path(self.create_tempfile().full_path)
        path.write_bytes(_encode(_PIXELS, "PNG"))
        ((_, image),) = decode_images([("a", path)], 32)
        np.testing.assert_array_equal(image, _PIXELS)

    def test_waits_for_no_pipe(self):
        path = pathlib.Path(self.create_tempdir().full_path, "a.jpg")
        os.mkfifo(path)
        ((_, error),) = decode_images([("a", path)], 8)
        self.assertEqual(str(error), "a pipe, socket or device")

    def test_refuses_huge_files(self):
        path = pathlib.Path(self.create_tempfile().full_path)
        os.truncate(path, 2**40)  # Sparse: it takes no space.
        ((_, error),) = decode_images([("a", path)], 8)
        self.assertIn("more than 536,870,912 bytes", str(error))

    def test_keeps_pixels(self):
        ((_, image),) = decode_images([("a", _PIXELS)], 8)
        self.assertIs(image, _PIXELS)

    def test_goes_on_after_what_is_damaged_or_missing(self):
        good = _encode(_PIXELS, "PNG")
        files = [("bad", b"text"), ("absent", pathlib.Path("/absent")), ("good", good)]
        (_, bad), (_, absent), (_, image) = decode_images(files, 32)
        self.assertIsInstance(bad, DatasetError)
        self.assertEqual(str(absent), "no such file")
        np.testing.assert_array_equal(image, _PIXELS)


class BadFilesErrorTest(absltest.TestCase):
    def test_names_all(self):
        text = str(bad_files_error([f"file{i}" for i in range(50)]))
        self.assertStartsWith(text, "50 image files")
        for i in range(50):
            self.assertIn(f"file{i}", text)
        self.assertNotIn("more", text)

    def test_counts_those_beyond_fifty(self):
        text = str(bad_files_error([f"file{i}" for i in range(60)]))
        self.assertStartsWith(text, "60 image files")
        self.assertEndsWith(text, "file49, and 10 more.")


if __name__ == "__main__":
    absltest.main()
