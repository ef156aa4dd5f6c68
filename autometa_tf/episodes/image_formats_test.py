"""Tests of judging files by their first bytes."""

import io
import sys
import types
from unittest import mock

from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes import image_formats


def _box(*brands: bytes) -> bytes:
    size = 16 + 4 * (len(brands) - 1)
    head = size.to_bytes(4, "big") + b"ftyp" + brands[0] + bytes(4)
    return head + b"".join(brands[1:])


class ImageFormatTest(parameterized.TestCase):
    @parameterized.parameters("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF")
    def test_knows_what_pillow_writes(self, name):
        encoded = io.BytesIO()
        Image.new("RGB", (9, 9)).save(encoded, name)
        self.assertEqual(image_formats.image_format(encoded.getvalue()[:64]), name)

    def test_a_multi_picture_is_a_jpeg(self):
        encoded = io.BytesIO()
        image = Image.new("RGB", (9, 9))
        image.save(encoded, "MPO", save_all=True, append_images=[image])
        self.assertEqual(image_formats.image_format(encoded.getvalue()[:64]), "JPEG")

    @parameterized.parameters(
        (_box(b"heic", b"mif1", b"heic"), "HEIF"),
        (_box(b"mif1", b"mif1", b"heic"), "HEIF"),
        (_box(b"mif1", b"mif1", b"avif"), "AVIF"),
        (_box(b"isom", b"isom", b"mp41"), None),  # A video.
        (_box(b"qt  "), None),
        (b"\xff\xd8\xff", "JPEG"),
        (b"MM\0*", "TIFF"),
    )
    def test_knows_brands_and_beginnings(self, head, name):
        self.assertEqual(image_formats.image_format(head), name)

    @parameterized.parameters(
        b"",
        b"BMW is a car maker, and so is Daimler",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"%PDF-1.7",
        b"\xd7\xcd\xc6\x9a",  # WMF.
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"8BPS",  # Photoshop.
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x0cJXL \r\n\x87\n",
    )
    def test_takes_nothing_else(self, head):
        self.assertIsNone(image_formats.image_format(head))


class WhatReadsTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        image_formats.what_reads.cache_clear()
        self.addCleanup(image_formats.what_reads.cache_clear)

    def test_without_the_package_heif_needs_it(self):
        with mock.patch.dict(sys.modules, {"pillow_heif": None}):
            self.assertIn("pip install pillow-heif", image_formats.what_reads("HEIF"))

    def test_with_the_package_heif_is_read(self):
        register = mock.Mock()
        package = types.SimpleNamespace(register_heif_opener=register)
        with mock.patch.dict(sys.modules, {"pillow_heif": package}):
            self.assertIsNone(image_formats.what_reads("HEIF"))
            self.assertIsNone(image_formats.what_reads("HEIF"))
        register.assert_called_once_with()

    def test_a_pillow_without_avif_says_so(self):
        with mock.patch.object(image_formats.features, "check", return_value=False):
            self.assertIn("without it", image_formats.what_reads("AVIF"))

    def test_others_are_always_read(self):
        self.assertIsNone(image_formats.what_reads("PNG"))


if __name__ == "__main__":
    absltest.main()
