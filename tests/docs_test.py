"""Runs what README and docs/ show, from their own text, in one folder and in order.

What the first search leaves serves the commands after it.
"""

import os
import subprocess
import sys

import numpy as np
from absl.testing import absltest
from PIL import Image

from autometa_tf.episodes.load_dataset import load_dataset
from tests import source_tree, written_commands
from tests.written_commands import BUDGET_FLAGS, ONCE_IN_FULL, ONLY_CONFIGURED

# Pages whose commands and scripts are run by tests of their own.
_TESTED_ELSEWHERE = ("serving.md", "on_device.md")
_DOCS = source_tree.ROOT / "docs"
_INDEX = (_DOCS / "README.md").read_text("utf-8")
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
        done, in_full = set(), set()
        for path in _PAGES:
            page = path.read_text("utf-8")
            for command in written_commands.commands(page):
                if command.text in done or command.why_not_run:
                    continue
                done.add(command.text)
                with self.subTest(f"{path.name}: {command.text}"):
                    self._run(folder, _arguments(command, in_full))
            if text := written_commands.script(page):
                with self.subTest(f"{path.name}: its Python"):
                    self._run(folder, ["-c", text])
        for name in ("runs/search-glyphs-quick/report", "answers/predictions.csv"):
            self.assertTrue(os.path.exists(os.path.join(folder, name)), name)

    def _run(self, folder, arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

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


def _arguments(command, in_full):
    """How Python is called for a command, with what the budget appends."""
    program = command.program
    more = BUDGET_FLAGS[program]
    if program in ONCE_IN_FULL:
        more = ONLY_CONFIGURED if program in in_full else more
        in_full.add(program)
    return ["-m", f"bin.{program}", *command.arguments, *more]


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
