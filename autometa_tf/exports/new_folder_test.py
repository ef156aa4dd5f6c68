import os

from absl.testing import absltest

from autometa_tf.exports.new_folder import check_new_folder


class NewFolderTest(absltest.TestCase):
    def test_only_a_folder_where_nothing_can_be_lost_will_do(self):
        folder = self.create_tempdir().full_path
        check_new_folder(folder)
        check_new_folder(os.path.join(folder, "absent"))
        file = self.create_tempfile(os.path.join(folder, "file")).full_path
        for taken in (folder, file):
            with self.assertRaisesRegex(
                ValueError, f"`output` must be a folder that is empty.*'{taken}'"
            ):
                check_new_folder(taken, "output")


if __name__ == "__main__":
    absltest.main()
