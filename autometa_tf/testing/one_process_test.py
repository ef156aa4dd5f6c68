"""Tests of `one_process`, by the processes that it is the main file of."""

import os
import pathlib
import subprocess
import sys

from absl.testing import absltest

from autometa_tf.testing import one_process

_PASSES = """
import unittest
class First(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1, 1)
    def test_two(self):
        self.assertEqual(2, 2)
"""
_FAILS = """
import unittest
class Second(unittest.TestCase):
    def test_three(self):
        self.assertEqual(3, 4)
"""


class OneProcessTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path)
        for name, text in (
            ("passes", _PASSES),
            ("fails", _FAILS),
            ("empty", ""),
            ("broken", "import nothing_of_this_name"),
        ):
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")

    def run_modules(self, *names):
        # Of this test's own environment it must not write the report.
        environment = {k: v for k, v in os.environ.items() if k != "XML_OUTPUT_FILE"}
        paths = [str(self.folder), *filter(None, sys.path)]
        return subprocess.run(
            [sys.executable, one_process.__file__, *names],
            env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_runs_all_modules_and_passes(self):
        done = self.run_modules("passes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Ran 2 tests", done.stderr)

    def test_fails_where_one_test_fails(self):
        done = self.run_modules("passes", "fails")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Ran 3 tests", done.stderr)
        self.assertIn("test_three", done.stderr)

    def test_fails_where_a_module_has_no_tests_or_cannot_be_imported(self):
        for name in ("empty", "broken", "missing"):
            done = self.run_modules("passes", name)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    absltest.main()
