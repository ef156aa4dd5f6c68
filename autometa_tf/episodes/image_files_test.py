"""Tests of telling images from whatever else lies in folders."""

import collections
import io
import os
import pathlib

from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes import image_files, image_formats
from autometa_tf.episodes.dataset import DatasetError

_HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def _image(image_format: str, mode: str = "L", **options) -> bytes:
    encoded = io.BytesIO()
    Image.new(mode, (8, 8)).save(encoded, image_format, **options)
    return encoded.getvalue()


class ImageFilesTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.create_tempdir().full_path)
        # As if the optional package were absent, wherever this runs.
        self.enter_context(
            absltest.mock.patch.object(
                image_formats, "_registers_heif", return_value=False
            )
        )
        image_formats.what_reads.cache_clear()
        self.addCleanup(image_formats.what_reads.cache_clear)

    def _write(self, name: str, content: bytes = b"") -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(content)

    def _find(self) -> tuple[list[str], str]:
        found = image_files.find_images(self.root)
        return (
            [path.name for path in found.images],
            image_files.left_out_text(found.left_out),
        )

    @parameterized.parameters(
        *("1.jpg", "1.JPG", "1.jfif", "1.jpe", "1.pjpeg", "1", "1.txt", "1.tmp"),
        *("IMG.0001", "1.png"),
    )
    def test_a_jpeg_is_one_by_any_name(self, name):
        self._write(name, _image("JPEG"))
        self.assertEqual(self._find(), ([name], ""))

    @parameterized.parameters("PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF")
    def test_finds_every_format_without_a_suffix(self, image_format):
        self._write("photo", _image(image_format, "RGB"))
        self.assertEqual(self._find(), (["photo"], ""))

    def test_counts_what_is_left_out_by_suffix_with_what_to_do(self):
        self._write("1.jpg", _image("JPEG"))
        for name in ("1.HEIC", "2.heic", "3.jpg"):
            self._write(name, _HEIC)
        for name in ("1.mp4", "1.MOV", "2.mov", "1.txt", "no_suffix", "empty.csv"):
            self._write(name, b"text" if "empty" not in name else b"")
        self._write("1.eps", b"%!PS-Adobe-3.0 EPSF-3.0")
        self._write("1.dng", _image("TIFF"))
        self._write("deeper/1.jpg", _image("JPEG"))
        images, text = self._find()
        self.assertEqual(images, ["1.jpg"])
        for part in (
            "2 .heic, 1 .jpg (HEIC photos: `pip install pillow-heif`, or convert them",
            "2 .mov, 1 .csv, 1 .eps, 1 .mp4, 1 .txt, 1 without a suffix (no images:",
            "convert any that should be to JPEG or PNG)",
            "1 .dng (camera raw: export them as JPEG or PNG)",
            "1 folders (not read: put their images into the class folder itself)",
        ):
            self.assertIn(part, text)
        self.assertNotIn("\n", text)

    def test_names_ten_suffixes_and_counts_the_others(self):
        for i in range(15):
            self._write(f"a.x{i:02}")
        _, text = self._find()
        self.assertIn("1 .x09, 5 others (", text)

    @parameterized.parameters(
        *("Thumbs.db", "desktop.ini", "Desktop.ini", ".DS_Store", "._1.jpg"),
        *(".hidden.jpg", "__MACOSX/1.jpg", "@eaDir/1.jpg", "Icon\r", ".gitkeep"),
    )
    def test_litter_is_silent(self, name):
        self._write(name, b"anything")
        self.assertEqual(self._find(), ([], ""))
        self.assertEqual(image_files.visible_paths(self.root), [])

    @parameterized.parameters(b"", b"<html>Not found</html>")
    def test_an_image_by_name_is_kept_for_the_error_that_names_it(self, content):
        self._write("1.jpg", content)
        self.assertEqual(self._find(), (["1.jpg"], ""))

    def test_tells_which_may_have_more_bits(self):
        self._write("16.png", _image("PNG", "I;16"))
        self._write("8.png", _image("PNG"))
        self._write("a.tif", _image("TIFF"))
        found = image_files.find_images(self.root)
        self.assertCountEqual(
            [path.name for path in found.perhaps_deep], ["16.png", "a.tif"]
        )

    def test_images_beside_the_class_folders_are_counted(self):
        self._write("1.jpg", _image("JPEG"))
        self._write("README.txt", b"text")
        self._write("class/1.jpg", _image("JPEG"))
        strays = image_files.strays(self.root)
        self.assertEqual(
            image_files.left_out_text(strays),
            "1 .jpg (images in no class folder: move them into the folder of their "
            "class)",
        )

    def test_nothing_left_out_is_no_line(self):
        self.assertEqual(image_files.left_out_line("a", collections.Counter()), "")

    def test_a_folder_that_is_none_is_a_clear_error(self):
        with self.assertRaisesRegex(DatasetError, "No such file"):
            image_files.visible_paths(self.root / "absent")

    def test_what_is_no_file_is_counted_as_what_it_is(self):
        os.mkfifo(self.root / "pipe")
        (self.root / "device").symlink_to("/dev/zero")
        (self.root / "circle").symlink_to("circle")
        found = image_files.find_images(self.root)
        self.assertEqual(
            found.left_out,
            {
                (image_files._NO_FILES, "without a suffix"): 2,
                (image_files._LOST_LINKS, "without a suffix"): 1,
            },
        )

    def test_a_class_whose_link_leads_nowhere_is_told(self):
        (self.root / "cats").symlink_to("/unmounted/cats")
        text = image_files.left_out_text(image_files.strays(self.root))
        self.assertEqual(
            text, "1 without a suffix (links that lead nowhere: mend or remove them)"
        )


if __name__ == "__main__":
    absltest.main()
