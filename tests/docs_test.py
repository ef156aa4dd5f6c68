"""Runs what README and docs/ show, from their own text, in one folder and in order.

First all Python, in one process, since importing TensorFlow is what takes long, and with
it the notebook and two examples. What the example of a search leaves serves the rest.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys

import numpy as np
from absl.testing import absltest
from PIL import Image

from autometa_tf.episodes.load_dataset import load_dataset
from tests import source_tree, written_commands
from tests.written_commands import BUDGET_FLAGS, TINY_EXPERIMENT

# Pages whose commands and scripts are run by tests of their own.
_TESTED_ELSEWHERE = ("serving.md", "on_device.md")
_DOCS = source_tree.ROOT / "docs"
_INDEX = (_DOCS / "README.md").read_text("utf-8")
_EXAMPLES = source_tree.ROOT / "examples"
# Runs each script as a program of its own would be.
_RUN_SCRIPTS = """
import json, sys
for name, arguments, text in json.loads(sys.argv[1]):
    sys.argv = [name, *arguments]
    exec(compile(text, name, "exec"), {"__name__": "__main__"})
"""
# In the order of the index, as for whoever reads them.
_PAGES = [
    source_tree.ROOT / "README.md",
    *(
        _DOCS / link
        for link in written_commands.links(_INDEX)
        if link not in _TESTED_ELSEWHERE
    ),
]


class DocsTest(absltest.TestCase):
    def test_what_the_pages_show_runs(self):
        folder = self.create_tempdir().full_path
        _write_photos(folder)
        printed = self._run(folder, ["-c", _RUN_SCRIPTS, json.dumps(_scripts())])
        self._check_letters(printed)
        done = set()
        for path in _PAGES:
            for command in written_commands.commands(path.read_text("utf-8")):
                if command.text in done or command.why_not_run:
                    continue
                done.add(command.text)
                with self.subTest(f"{path.name}: {command.text}"):
                    more = BUDGET_FLAGS[command.program]
                    program = f"bin.{command.program}"
                    self._run(folder, ["-m", program, *command.arguments, *more])
        for name in ("runs/search-glyphs-quick/report", "answers/predictions.csv"):
            self.assertTrue(os.path.exists(os.path.join(folder, name)), name)

    def _check_letters(self, printed):
        """The example and the notebook learn what their learner has not seen."""
        self.assertIn("test accuracy over 10 episodes", printed)
        (right,) = re.findall(r"(\d+) of 30 are right", printed)
        self.assertGreaterEqual(int(right), 20)
        (ten_ways,) = re.findall(r"accuracies \{.*10: ([\d.]+)\}", printed)
        self.assertGreater(float(ten_ways), 0.5)

    def _run(self, folder, arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_every_command_is_run_or_says_why_not(self):
        for path in _PAGES:
            page = path.read_text("utf-8")
            known = {
                written_commands.COMMANDS,
                written_commands.SCRIPT,
                *written_commands.NOT_RUN_KINDS,
            }
            self.assertLessEqual(written_commands.kinds(page), known, path.name)
            for command in written_commands.commands(page):
                self.assertTrue(
                    command.why_not_run or command.program in BUDGET_FLAGS,
                    f"{path.name}: {command.text}",
                )
            for kind in written_commands.NOT_RUN_KINDS:
                for text in written_commands.blocks(page, kind):
                    self.assertNotRegex(text, "(?m)^(autometa|./bazelw|bazel) ", path)

    def test_every_page_is_in_the_index(self):
        for path in _DOCS.glob("*.md"):
            if path.name != "README.md":
                self.assertIn(f"({path.name})", _INDEX)

    def test_every_link_to_a_file_leads_somewhere(self):
        for path in (*_PAGES, _DOCS / "README.md"):
            for link in written_commands.links(path.read_text("utf-8")):
                self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")

    def test_the_live_view_is_drawn_as_it_is_now(self):
        path = _DOCS / "figures.py"
        spec = importlib.util.spec_from_file_location("figures", path)
        figures = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(figures)
        kept = (_DOCS / "figures" / "live_view.svg").read_text("utf-8")
        self.assertEqual(figures.draw_live_view(), kept)


def _scripts():
    """All Python there is: where it stands, its arguments, its text."""
    tiny = [f"{name}={value}" for name, value in TINY_EXPERIMENT.items()]
    search = ["runs/search-glyphs-quick", "num_workers=0", *tiny]
    notebook = json.loads((_EXAMPLES / "letters.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    pages = (
        (str(path), [], written_commands.script(path.read_text("utf-8")))
        for path in _PAGES
    )
    return [
        ("search.py", search, (_EXAMPLES / "search.py").read_text("utf-8")),
        *pages,
        ("adapt_letters.py", [], (_EXAMPLES / "adapt_letters.py").read_text("utf-8")),
        ("letters.ipynb", [], f"{code}\nprint('accuracies', accuracies)"),
    ]


def _write_photos(folder):
    """What the pages call my_classes and new_photos: letters as PNG files."""
    letters = load_dataset("glyphs").test
    for number in range(3):
        images = letters.class_images(number)
        for name, count in (("my_classes", 5), ("new_photos", 2)):
            place = os.path.join(folder, name)
            place = os.path.join(place, f"letter {number}") if count == 5 else place
            os.makedirs(place, exist_ok=True)
            for i in range(count):
                image = Image.fromarray(
                    np.asarray(images[10 * (count == 2) + i])[..., 0]
                )
                image.save(os.path.join(place, f"{number}_{i}.png"))


if __name__ == "__main__":
    absltest.main()
