import os
from unittest import mock

from absl.testing import absltest

from bin.paths import user_path


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


if __name__ == "__main__":
    absltest.main()
