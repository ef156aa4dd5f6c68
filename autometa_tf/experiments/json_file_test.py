import os
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.experiments.json_file import read_json, write_json


class JsonFileTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path
        self.path = os.path.join(self.directory, "a.json")

    def test_a_file_is_replaced_whole(self):
        write_json(self.path, {"x": 1})
        write_json(self.path, {"x": [2, "é"]})
        self.assertEqual(read_json(self.path), {"x": [2, "é"]})
        self.assertEqual(os.listdir(self.directory), ["a.json"])

    def test_no_file_is_none(self):
        self.assertIsNone(read_json(self.path))

    def test_a_file_that_cannot_be_written_leaves_no_half(self):
        with (
            mock.patch.object(os, "replace", side_effect=OSError(28, "No space")),
            self.assertRaises(OSError),
        ):
            write_json(self.path, {})
        self.assertEqual(os.listdir(self.directory), [])

    @parameterized.parameters(b"", b"{", b"\xff", b"[" * 100_000)
    def test_what_is_no_json_is_a_clear_error(self, content):
        with open(self.path, "wb") as file:
            file.write(content)
        with self.assertRaisesRegex(ValueError, "a.json' must be JSON"):
            read_json(self.path)


if __name__ == "__main__":
    absltest.main()
