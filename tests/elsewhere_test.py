"""A program on a system that lacks what Linux alone has, as macOS does."""

import os
import pathlib
import subprocess
import sys

from absl.testing import absltest

from autometa_tf.testing.tiny_runs import TINY, check

# Python runs a module of this name before anything else, in every process.
_SITE = """
import builtins, os, sys
if hasattr(os, "sched_getaffinity"):
    del os.sched_getaffinity

def without_proc(function):
    def call(path, *arguments, **named):
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if str(path).startswith("/proc") and caller.startswith("autometa_tf"):
            raise FileNotFoundError(path)
        return function(path, *arguments, **named)
    return call

builtins.open = without_proc(open)
os.readlink = without_proc(os.readlink)
"""


class ElsewhereTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)
        (self.folder / "sitecustomize.py").write_text(_SITE)

    def run_python(self, *arguments: str) -> subprocess.CompletedProcess:
        path = os.pathsep.join([str(self.folder), *sys.path])
        return check(
            subprocess.run(
                [sys.executable, *arguments],
                env=os.environ | {"PYTHONPATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
        )

    def test_it_is_elsewhere(self):
        done = self.run_python("-c", "import os; print(dir(os))")
        self.assertIn("'cpu_count'", done.stdout)
        self.assertNotIn("'sched_getaffinity'", done.stdout)

    def test_a_training_runs_to_its_end(self):
        flags = [*TINY, "--baseline=conv4", f"--run_dir={self.folder / 'run'}"]
        done = self.run_python("-m", "bin.train", *flags)
        self.assertIn("test accuracy over 30 episodes", done.stdout + done.stderr)


if __name__ == "__main__":
    absltest.main()
