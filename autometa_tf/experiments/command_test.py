import os
import sys
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.experiments.command import begun_command, command_before_flags

_UNDER_BAZEL = {"BUILD_WORKING_DIRECTORY": "/home/ada"}


class CommandTest(parameterized.TestCase):
    @parameterized.parameters(
        ("autometa search", {}, "autometa search"),
        ("python3 -m autometa_tf train", {}, "python3 -m autometa_tf train"),
        ("/x.runfiles/x/bin/search.py", _UNDER_BAZEL, "bazel run //bin:search --"),
        ("/auto_meta/bin/search.py", {}, "python3 -m bin.search"),
        ("my runs/find.py", {}, "python3 'my runs/find.py'"),
        ("-c", {}, "python3 -c"),
        ("", {}, "python3"),
    )
    def test_it_is_how_the_process_was_begun(self, started, variables, expected):
        with (
            mock.patch.object(sys, "argv", [started, "--run_dir=my run", "--seed=1"]),
            mock.patch.dict(os.environ, variables),
        ):
            if not variables:
                os.environ.pop("BUILD_WORKING_DIRECTORY", None)
            self.assertEqual(command_before_flags(), expected)
            self.assertEqual(begun_command(), f"{expected} '--run_dir=my run' --seed=1")

    def test_it_may_have_no_flags(self):
        with mock.patch.object(sys, "argv", ["autometa report"]):
            self.assertEqual(begun_command(), "autometa report")


if __name__ == "__main__":
    absltest.main()
