import os
import tempfile
from unittest import mock

from absl.testing import absltest

from autometa_tf.workers.ray_folder import make_ray_folder

_DATE_AND_PROCESS = "session_2026-01-31_12-59-59_123456_4194304"


class RayFolderTest(absltest.TestCase):
    def make(self, **variables):
        own = {"RAY_TMPDIR": "", "TMPDIR": "", "XDG_RUNTIME_DIR": ""}
        with mock.patch.dict(os.environ, own | variables):
            folder = make_ray_folder()
        self.addCleanup(os.rmdir, folder)
        self.assertEmpty(os.listdir(folder))
        longest = os.path.join(folder, _DATE_AND_PROCESS, "sockets", "plasma_store")
        self.assertLessEqual(len(longest.encode()), 107)
        return os.path.dirname(folder)

    def short_folder(self):
        folder = tempfile.mkdtemp(dir="/tmp")
        self.addCleanup(os.rmdir, folder)
        return folder

    def test_it_lies_where_the_user_wants_it(self):
        folder, other = self.short_folder(), self.short_folder()
        self.assertEqual(self.make(TMPDIR=folder), folder)
        self.assertEqual(self.make(TMPDIR=other, RAY_TMPDIR=folder), folder)

    def test_a_long_path_is_passed_over_and_left_empty(self):
        folder = os.path.join(self.short_folder(), "ä" * 24)
        os.mkdir(folder)
        self.addCleanup(os.rmdir, folder)
        self.assertEqual(self.make(TMPDIR=folder), "/tmp")
        self.assertEmpty(os.listdir(folder))

    def test_so_is_a_folder_that_cannot_be_used(self):
        self.assertEqual(self.make(TMPDIR="/no/such/folder"), "/tmp")
        self.assertEqual(self.make(TMPDIR="/proc"), "/tmp")

    def test_without_any_it_says_what_to_set(self):
        with (
            mock.patch.object(tempfile, "mkdtemp", side_effect=OSError(28, "full")),
            self.assertRaisesRegex(
                ValueError, r"`RAY_TMPDIR` must .* /tmp \(full\), /var/tmp"
            ),
        ):
            make_ray_folder()


if __name__ == "__main__":
    absltest.main()
