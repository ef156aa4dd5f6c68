"""Tests of the lock on a run directory."""

import os
import subprocess
import sys

from absl.testing import absltest

from autometa_tf.experiments.sole_use import sole_use

PROGRAM = """
import sys
from autometa_tf.experiments.sole_use import sole_use
with sole_use(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


class SoleUseTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path

    def test_another_is_refused_until_the_first_ends(self):
        with sole_use(self.directory):
            with (
                self.assertRaisesRegex(ValueError, "`run_dir` .*another --run_dir"),
                sole_use(self.directory),
            ):
                pass
            with self.assertRaises(ValueError), sole_use(self.directory, shared=True):
                pass
        with sole_use(self.directory):
            self.assertEqual(os.listdir(self.directory), [])

    def test_who_shares_is_shared_with(self):
        with sole_use(self.directory, shared=True):
            with sole_use(self.directory, shared=True):
                pass
            with self.assertRaises(ValueError), sole_use(self.directory):
                pass

    def test_a_killed_process_keeps_nobody_out(self):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.directory],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            self.assertEqual(other.stdout.readline(), b"locked\n")
            with self.assertRaises(ValueError), sole_use(self.directory):
                pass
            other.kill()
            other.wait()
            with sole_use(self.directory):
                pass


if __name__ == "__main__":
    absltest.main()
