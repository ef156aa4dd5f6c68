"""Tests of the forms in which mini-ImageNet is read."""

import pathlib
import pickle
import shutil

import numpy as np
from absl.testing import absltest, parameterized
from hypothesis import given, settings
from hypothesis import strategies as st

from autometa_tf.episodes import mini_imagenet_sources as sources
from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.testing import fake_mini_imagenet as fake

_WRITERS = {
    "folders": fake.write_folders,
    "tars": fake.write_tars,
    "listed_files": fake.write_listed_files,
    "imagenet_archive": fake.write_imagenet_archive,
    "pickles": fake.write_pickles,
}


class SourcesTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)
        self.images = fake.fake_images()

    def _read(self, split: str) -> list[sources.SourceImage]:
        layout, parts = sources.find_layout(self.folder)
        return list(layout.read(parts, split))

    @parameterized.product(form=list(_WRITERS), split=sources.SPLITS)
    def test_reads_every_image_of_the_split(self, form, split):
        _WRITERS[form](self.images, self.folder)
        pixels = {}
        for image in self._read(split):
            content = image.content
            if isinstance(content, pathlib.Path):
                content = content.read_bytes()
            if isinstance(content, bytes):
                content = fake.decoded(content)
            pixels.setdefault(image.wnid, []).append(content)
        for wnid, files in self.images[split].items():
            expected = [fake.decoded(content) for content in files.values()]
            np.testing.assert_array_equal(pixels.pop(wnid), expected)
        self.assertEmpty(pixels)

    @parameterized.parameters("folders", "tars", "listed_files", "imagenet_archive")
    def test_keeps_the_file_names(self, form):
        _WRITERS[form](self.images, self.folder)
        names = {(image.wnid, image.file_name) for image in self._read("test")}
        self.assertEqual(
            names, {(c, f) for c, files in self.images["test"].items() for f in files}
        )

    def test_a_tar_may_have_outer_folders_and_other_files(self):
        fake.write_tars(self.images, self.folder)
        members = {"./test/": b"", "README.txt": b"?", "test/n1/._a.jpg": b"?"}
        del members["./test/"]
        members["./test/n00000001/a.JPEG"] = b"1"
        (self.folder / "test.tar").write_bytes(fake.tar_of(members))
        (image,) = self._read("test")
        self.assertEqual(
            (image.wnid, image.file_name, image.content), ("n00000001", "a.JPEG", b"1")
        )

    def test_a_folder_is_not_read_through_hidden_files(self):
        fake.write_folders(self.images, self.folder)
        (self.folder / "test/.hidden").mkdir()
        (self.folder / "test/.hidden/a.jpg").write_bytes(b"?")
        (self.folder / "test/n00000006/.a.jpg").write_bytes(b"?")
        self.assertLen(self._read("test"), 8)

    def test_ranks_that_the_archive_does_not_hold_are_left_out(self):
        fake.write_imagenet_archive(self.images, self.folder)
        path = self.folder / "test.csv"
        text = path.read_text().replace(
            "n0000000600000004.jpg", "n0000000600000013.jpg"
        )
        path.write_text(text)
        self.assertLen(self._read("test"), 7)

    def test_an_archive_in_the_archive_is_checked(self):
        fake.write_imagenet_archive(self.images, self.folder)
        archive = {"n00000006.tar": fake.tar_of({"../n00000006_1.JPEG": b""})}
        path = self.folder / "ILSVRC2012_img_train.tar"
        path.write_bytes(fake.tar_of(archive))
        with self.assertRaisesRegex(DatasetError, "n00000006.tar in ILSVRC.*leads out"):
            self._read("test")

    def test_a_tar_that_leads_out_is_refused(self):
        fake.write_tars(self.images, self.folder)
        (self.folder / "train.tar").write_bytes(fake.tar_of({"../n1/a.jpg": b""}))
        with self.assertRaisesRegex(DatasetError, "train.tar.*leads out"):
            self._read("train")
        self.assertFalse((self.folder.parent / "n1").exists())

    def test_pickles_may_say_validation(self):
        fake.write_pickles(self.images, self.folder)
        (self.folder / "mini-imagenet-cache-val.pkl").rename(
            self.folder / "mini-imagenet-cache-validation.pkl"
        )
        self.assertLen(self._read("validation"), 8)

    @parameterized.named_parameters(
        ("no_pixels", {"class_dict": {}}, "Received: class_dict"),
        (
            "no_classes",
            {"image_data": np.zeros((1, 84, 84, 3), np.uint8)},
            "class_dict",
        ),
        (
            "other_size",
            {"image_data": np.zeros((1, 32, 32, 3), np.uint8), "class_dict": {}},
            r"Received: \[1, 32, 32, 3\]",
        ),
        (
            "index_too_large",
            {
                "image_data": np.zeros((2, 84, 84, 3), np.uint8),
                "class_dict": {"n1": [0, 2]},
            },
            "class 'n1' indices of the 2 images",
        ),
        (
            "negative_index",
            {
                "image_data": np.zeros((2, 84, 84, 3), np.uint8),
                "class_dict": {"n1": [-1]},
            },
            "indices",
        ),
        (
            "no_list",
            {"image_data": np.zeros((2, 84, 84, 3), np.uint8), "class_dict": {"a": 1}},
            "indices",
        ),
    )
    def test_refuses_the_pickle(self, content, message):
        fake.write_pickles(self.images, self.folder)
        path = self.folder / "mini-imagenet-cache-test.pkl"
        path.write_bytes(pickle.dumps(content))
        with self.assertRaisesRegex(DatasetError, message):
            self._read("test")

    @parameterized.named_parameters(
        ("elsewhere", "filename,label\n../a.jpg,n1\n", "'../a.jpg'"),
        ("absolute", "filename,label\n/a.jpg,n1\n", "'/a.jpg'"),
        ("backslash", "filename,label\na\\\\b.jpg,n1\n", "row"),
        ("hidden", "filename,label\n.jpg,n1\n", "row"),
        ("three_fields", "filename,label\na.jpg,n1,x\n", "row"),
        ("one_field", "filename,label\na.jpg\n", "row"),
        ("no_header", "a.jpg,n1\n", "first row"),
        ("empty", "", "not a list"),
        ("open_quote", 'filename,label\n"a.jpg,n1\n', "not a list"),
        ("binary", "filename,label\n\0\xff", "not a list"),
    )
    def test_refuses_the_list(self, text, message):
        fake.write_listed_files(self.images, self.folder)
        (self.folder / "test.csv").write_text(text, encoding="latin1")
        with self.assertRaisesRegex(DatasetError, f"test.csv is refused.*{message}"):
            self._read("test")

    @settings(deadline=None, max_examples=200)
    @given(st.binary(max_size=60), st.booleans())
    def test_any_list_gives_the_named_error_or_plain_names(self, content, with_header):
        path = self.folder / "fuzzed.csv"
        path.write_bytes(b"filename,label\n" * with_header + content)
        try:
            rows = sources._read_list(path)
        except DatasetError as error:
            self.assertNotIn("\n", str(error))
            return
        for file_name, _ in rows:
            self.assertEqual(pathlib.Path(file_name).name, file_name)


class FindLayoutTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)

    def _assert_refused(self, *messages: str) -> None:
        with self.assertRaises(DatasetError) as raised:
            sources.find_layout(self.folder)
        for message in (str(self.folder), *messages):
            self.assertIn(message, str(raised.exception))

    def test_a_missing_folder_says_what_is_needed(self):
        shutil.rmtree(self.folder)
        self._assert_refused(
            "is not a folder", "tars of <wnid>/*.jpg", "ILSVRC2012", "pkl"
        )

    def test_an_empty_folder_says_what_is_needed(self):
        self._assert_refused(
            "which has none of these", "tars of <wnid>/*.jpg", "ILSVRC2012", "pkl"
        )

    @parameterized.named_parameters(
        ("tars", ["train.tar", "val.tar"], "lacks test or test.tar"),
        ("one_tar", ["train.tar"], "lacks val or val.tar, test or test.tar"),
        ("tars_and_lists", ["train.tar", "val.tar", "train.csv", "val.csv", "test.csv"],
         "lacks test or test.tar"),
        ("images", ["images", "train.csv", "val.csv"], "lacks test.csv"),
        ("archive", ["ILSVRC2012_img_train.tar", "val.csv", "test.csv"],
         "lacks train.csv"),
        ("pickles", ["mini-imagenet-cache-train.pkl", "mini-imagenet-cache-test.pkl"],
         "lacks mini-imagenet-cache-val.pkl or mini-imagenet-cache-validation.pkl"),
    )  # fmt: skip
    def test_half_a_folder_says_what_it_lacks(self, names, message):
        for name in names:
            (self.folder / name).touch()
        self._assert_refused(message)


if __name__ == "__main__":
    absltest.main()
