"""Runs the examples as their first lines say, with little to do."""

import json
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

    def test_letters_are_learned(self):
        printed = self.run_example("adapt_letters.py")
        right = int(printed.splitlines()[-1].split(" of 30 ")[0])
        self.assertGreaterEqual(right, 20)

    def test_a_search(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        printed = self.run_example("search.py", run_dir, *_TINY)
        self.assertIn("test accuracy over 10 episodes", printed)

    def test_a_training(self):
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        printed = self.run_example("train_network.py", "conv4", run_dir, *_TINY)
        self.assertRegex(printed.splitlines()[-1], r"^[01]\.\d+ transductive$")

    def test_the_notebook(self):
        notebook = json.loads((_EXAMPLES / "letters.ipynb").read_text("utf-8"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        code = "\n".join("".join(cell["source"]) for cell in cells)
        printed = self.run_it("-c", f"{code}\nprint(accuracies)")
        self.assertIn("10: ", printed)
        for cell in cells:  # Outputs change with every run: a diff would show nothing.
            self.assertEmpty(cell["outputs"])


if __name__ == "__main__":
    absltest.main()
