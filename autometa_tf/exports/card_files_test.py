import os

from absl.testing import absltest

from autometa_tf.exports.card_files import read_card_files, write_card_files


class CardFilesTest(absltest.TestCase):
    def test_what_was_written_is_read(self):
        folder = self.create_tempdir().full_path
        files = {"card.json": "{}\n", "card.md": "# Für alle\n"}
        write_card_files(folder, files)
        self.assertEqual(read_card_files(folder), files)
        self.assertEqual(os.listdir(folder), ["assets.extra"])

    def test_a_saved_model_without_a_card_has_none(self):
        folder = self.create_tempdir().full_path
        write_card_files(folder, {})
        self.assertEqual(read_card_files(folder), {})
        self.assertEmpty(os.listdir(folder))

    def test_what_is_no_card_is_passed_over(self):
        folder = self.create_tempdir().full_path
        write_card_files(folder, {"card.json": " " * (2**20 + 1), "card.md": ""})
        with open(os.path.join(folder, "assets.extra", "card.md"), "wb") as file:
            file.write(b"\xff")
        self.assertEqual(read_card_files(folder), {"card.md": "\ufffd"})


if __name__ == "__main__":
    absltest.main()
