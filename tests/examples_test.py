"""Runs examples as their first lines say, with little to do; docs_test runs others."""

import os
import subprocess
import sys

from absl.testing import absltest

from tests import source_tree
from tests.written_commands import TINY_EXPERIMENT

_EXAMPLES = source_tree.ROOT / "examples"
_TINY = tuple(f"{name}={value}" for name, value in TINY_EXPERIMENT.items())


class ExamplesTest(absltest.TestCase):
    def run_it(self, *arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=source_tree.ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_example(self, name, *arguments):
        return self.run_it(str(_EXAMPLES / name), *arguments)

    def test_a_strategy_of_ones_own(self):
        printed = self.run_example("own_strategy.py", "2", "5")
        self.assertIn("GrowTheBest: 0.", printed)
        self.assertIn("RandomSearch: 0.", printed)
        self.assertEqual(printed.count("after 60 cells"), 2)

    def test_a_training(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        printed = self.run_example("train_network.py", "conv4", run_dir, *_TINY)
        self.assertRegex(printed.splitlines()[-1], r"^[01]\.\d+ transductive$")


if __name__ == "__main__":
    absltest.main()
