"""Runs what README, docs/ and examples/ show, from their own text and in order.

All of it runs in one folder, so that what a command leaves is there for the next one.
To commands flags are appended that make them small, and nothing else is done to them:
`written_commands` lists those flags, and what no test can run, with the reason.
"""

import importlib.util
import inspect
import json
import os
import pathlib
import re

import numpy as np
from absl.testing import absltest
from PIL import Image

import autometa_tf as am
from autometa_tf.episodes.load_dataset import load_dataset
from tests import forked_programs, source_tree, written_commands
from tests.written_commands import BUDGET_FLAGS, TINY_EXPERIMENT, Command

_DOCS = source_tree.ROOT / "docs"
_INDEX = (_DOCS / "README.md").read_text("utf-8")
_EXAMPLES = source_tree.ROOT / "examples"
# In the order of the index, as for whoever reads them.
_PAGES = [
    source_tree.ROOT / "README.md",
    *(_DOCS / link for link in written_commands.links(_INDEX)),
]
# What the commands of the pages leave.
_LEFT = (
    "answers/predictions.csv",
    "letters.keras",
    "letters/1/saved_model.pb",
    "phone/learner.tflite",
    "runs/cell/summary.json",
    "runs/conv4/summary.json",
    "runs/mine/summary.json",
    "runs/search-glyphs-quick/report/report.html",
    "runs/search-glyphs-quick/comparison/comparison.html",
    "runs/search-glyphs-quick/test_accuracies-queries_per_class=15.csv",
)


class DocsTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forked_programs.prepare()

    def test_what_the_pages_and_examples_show_runs(self):
        folder = self.create_tempdir().full_path
        _write_photos(folder)
        scripts = forked_programs.Scripts(folder)
        self.addCleanup(scripts.close)
        self._run_examples(scripts)
        done = set()
        for path in _PAGES:
            for piece in written_commands.pieces(path.read_text("utf-8")):
                if not isinstance(piece, Command):
                    scripts.run(path.name, piece.text)
                elif piece.key not in done and not piece.why_not_run:
                    done.add(piece.key)
                    more = piece.more_flags
                    forked_programs.run_program([*piece.words, *more], folder)
        for name in _LEFT:
            self.assertTrue(os.path.exists(os.path.join(folder, name)), name)
        scripts.run(
            "serving.md",
            "from tests import serving_requests\n"
            "learner = am.load_learner('glyphs-1shot')\n"
            "serving_requests.check('letters/1', learner, globals())",
        )

    def _run_examples(self, scripts):
        """All of them; some learn what their learner has not seen."""
        tiny = [f"{name}={value}" for name, value in TINY_EXPERIMENT.items()]

        def run(name, *arguments):
            text = (_EXAMPLES / name).read_text("utf-8")
            return scripts.run(name, text, arguments)

        printed = run("search.py", "runs/letters", "num_workers=0", *tiny)
        self.assertIn("test accuracy over 2 episodes", printed)
        printed = run("train_network.py", "conv4", "runs/network", *tiny)
        self.assertRegex(printed.splitlines()[-1], r"^[01]\.\d+ transductive$")
        (right,) = re.findall(r"(\d+) of 30 are right", run("adapt_letters.py"))
        self.assertGreaterEqual(int(right), 20)
        printed = run("own_strategy.py", "2", "5")
        self.assertIn("GrowTheBest: 0.", printed)
        self.assertIn("RandomSearch: 0.", printed)
        self.assertEqual(printed.count("after 60 cells"), 2)
        printed = scripts.run("letters.ipynb", _notebook())
        (ten_ways,) = re.findall(r"accuracies \{.*10: ([\d.]+)\}", printed)
        self.assertGreater(float(ten_ways), 0.5)

    def test_every_command_is_run_or_says_why_not(self):
        found = []
        for path in _PAGES:
            page = path.read_text("utf-8")
            known = {
                written_commands.COMMANDS,
                written_commands.SCRIPT,
                *written_commands.NOT_RUN_KINDS,
            }
            self.assertLessEqual(written_commands.kinds(page), known, path.name)
            found += written_commands.commands(page)
            for kind in written_commands.NOT_RUN_KINDS:
                for text in written_commands.blocks(page, kind):
                    self.assertNotRegex(text, "(?m)^(autometa|./bazelw|bazel) ", path)
        for command in found:
            runs = command.words[0] == "saved_model_cli"
            runs = runs or command.program in BUDGET_FLAGS
            self.assertTrue(command.why_not_run or runs, command.text)
        texts = [command.text for command in found]
        for start in written_commands.NOT_RUN:
            self.assertTrue(any(text.startswith(start) for text in texts), start)
        for part in written_commands.PRINTED:
            self.assertTrue(any(part in text for text in texts), part)

    def test_calls_within_texts_fit_their_functions(self):
        """Those of the public names, `am.evaluate(run, 10_000, shots=5)`."""
        count = 0
        for path in _PAGES:
            for call in written_commands.calls(path.read_text("utf-8")):
                function = getattr(am, call.func.attr)
                if not inspect.isroutine(function) and not inspect.isclass(function):
                    self.fail(f"{path.name}: {call.func.attr}")
                inspect.signature(function).bind(
                    *call.args, **{each.arg: each.value for each in call.keywords}
                )
                count += 1
        self.assertGreater(count, 10)

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


def _notebook() -> str:
    """The code of the notebook, and what is asked of it here."""
    notebook = json.loads((_EXAMPLES / "letters.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    return f"{code}\nprint('accuracies', accuracies)"


def _write_photos(folder):
    """What the pages call my_classes and new_photos: letters as PNG files."""
    letters = load_dataset("glyphs").test
    for number in range(3):
        images = np.asarray(letters.class_images(number))
        for name, count in (("my_classes", 3), ("new_photos", 2)):
            place = pathlib.Path(folder, name)
            if name == "my_classes":
                place /= f"letter {number}"
            place.mkdir(parents=True, exist_ok=True)
            for i in range(count):
                image = images[10 * (name == "new_photos") + i, ..., 0]
                Image.fromarray(image).save(place / f"{number}_{i}.png")


if __name__ == "__main__":
    absltest.main()
