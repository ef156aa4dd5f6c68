"""Runs the README's Python as a user would paste it, with a smaller experiment."""

import os
import re
import subprocess
import sys

from absl.testing import absltest

from autometa_tf.episodes.load_dataset import load_dataset
from tests import source_tree

_QUICK = 'from_preset("quick", dataset="glyphs")'
# The last training must be long enough to tell letters apart, the candidates' need not.
_TINY = (
    'from_preset("quick", dataset="glyphs", max_num_blocks=1, outer_iterations=1, '
    "num_scoring_episodes=2, num_finalists=0, scoring_inner_iterations=10, "
    "inner_iterations=8, final_outer_iterations=150, num_test_episodes=10)"
)


class ReadmeTest(absltest.TestCase):
    def test_a_script_searches_fits_and_predicts(self):
        text = (source_tree.ROOT / "README.md").read_text("utf-8")
        script = re.search(r"## In Python\n+```python\n(.*?)```", text, re.DOTALL)[1]
        self.assertIn(_QUICK, script)
        folder = self.create_tempdir().full_path
        path = os.path.join(folder, "script.py")
        with open(path, "w") as file:
            file.write(script.replace(_QUICK, _TINY))
        done = subprocess.run(
            [sys.executable, path],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("best of 55 candidates", done.stdout)
        self.assertTrue(
            os.path.exists(os.path.join(folder, "runs/glyphs/summary.json"))
        )
        # 15 images of the third letter, after a training of seconds.
        answers, classes = re.findall(r"\['([^\]]*)'\]", done.stdout)[-2:]
        letters = load_dataset("glyphs").test.class_names[:5]
        self.assertEqual(sorted(letters), re.split(r"'\s+'", classes))
        right = [name == letters[2] for name in re.split(r"'\s+'", answers)]
        self.assertLen(right, 15)
        self.assertGreater(sum(right), 7)


if __name__ == "__main__":
    absltest.main()
