import os
import subprocess
import sys
from unittest import mock

from absl.testing import absltest

from autometa_tf.programs.paths import user_path

PROGRAM = """
import os
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
def main():
    for name in ("HOME", "MPLCONFIGDIR", "TMPDIR"):
        print(os.environ.get(name))
    print(os.path.isdir(os.environ["HOME"]))
    print(user_path("~/runs"))
run_program(main)
"""


class PathsTest(absltest.TestCase):
    def test_relative_paths_are_in_the_folder_the_user_calls_from(self):
        with mock.patch.dict(os.environ, {"BUILD_WORKING_DIRECTORY": "/home/ada"}):
            self.assertEqual(user_path("../data"), "/home/data")

    def test_without_bazel_that_is_the_current_folder(self):
        with mock.patch.dict(os.environ):
            os.environ.pop("BUILD_WORKING_DIRECTORY", None)
            self.assertEqual(user_path("a"), os.path.join(os.getcwd(), "a"))

    def test_absolute_and_missing_paths_stay(self):
        with mock.patch.dict(os.environ, {"BUILD_WORKING_DIRECTORY": "/home/ada"}):
            self.assertEqual(user_path("/data"), "/data")
            self.assertEqual(user_path(""), "")

    def test_a_removed_current_folder_matters_to_relative_paths_only(self):
        with (
            mock.patch.dict(os.environ),
            mock.patch.object(os, "getcwd", side_effect=FileNotFoundError),
        ):
            os.environ.pop("BUILD_WORKING_DIRECTORY", None)
            self.assertEqual(user_path("/data"), "/data")
            with self.assertRaisesRegex(ValueError, "current folder has been removed"):
                user_path("data")

    def run_program(self, **variables):
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=own | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.splitlines(), done.stderr

    def test_a_home_that_can_be_written_stays(self):
        folder = self.create_tempdir().full_path
        said, _ = self.run_program(HOME=folder, TMPDIR=folder)
        runs = os.path.join(folder, "runs")
        self.assertEqual(said, [folder, "None", folder, "True", runs])

    def test_who_has_none_gets_one_that_goes_again(self):
        said, error = self.run_program(HOME="/no/such/home", TMPDIR="/no/such/folder")
        self.assertEqual(said[1:], ["None", "None", "True"])
        self.assertNotEqual(said[0], "/no/such/home")
        self.assertFalse(os.path.exists(said[0]))
        self.assertIn("only where that names a home folder", error)

    def test_one_to_read_only_stays(self):
        said, _ = self.run_program(HOME="/proc")
        self.assertEqual([said[0], *said[2:]], ["/proc", "None", "True", "/proc/runs"])
        self.assertFalse(os.path.exists(said[1]))
        self.assertStartsWith(os.path.basename(said[1]), "autometa-home-")


if __name__ == "__main__":
    absltest.main()
