import contextlib
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from absl.testing import absltest, flagsaver, parameterized
from PIL import Image

from autometa_tf.programs import adapt
from autometa_tf.testing.drawings import drawings, export_untrained

_NAMES = ("level", "upright", "slanting")


def _write(folder: pathlib.Path, kinds: list[int], seed: int) -> list[str]:
    """Drawings in a folder for each kind."""
    paths = []
    for number, pixels in enumerate(drawings(np.array(kinds), seed)):
        path = folder / _NAMES[kinds[number]] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[..., 0]).save(path)
        paths.append(str(path))
    return paths


class AdaptTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.learner = str(cls.root / "learner")
        export_untrained(cls.learner)
        cls.support = str(cls.root / "support")
        _write(cls.root / "support", [0, 1, 2] * 4, seed=0)
        cls.queries = _write(cls.root / "queries", [0, 1, 2, 2, 1, 0, 1], seed=1)

    def adapt(self, **values) -> tuple[list[str], str]:
        """What the program prints for these flags, and says meanwhile."""
        output, said = io.StringIO(), io.StringIO()
        with (
            flagsaver.flagsaver(**values),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(said),
        ):
            adapt.main()
        return output.getvalue().splitlines(), said.getvalue()

    def fitted(self, **values):
        return self.adapt(learner=self.learner, support=self.support, **values)

    def test_names_what_is_on_each_photo(self):
        folder = self.create_tempdir().full_path
        lines, said = self.fitted(images=self.queries, output_dir=folder)
        for path, line in zip(self.queries, lines, strict=True):
            label = os.path.basename(os.path.dirname(path))
            self.assertRegex(line, rf"^{path}: {label} \(\d+%\)$")
        self.assertIn("learns 3 classes: level (4), slanting (4), upright (4)", said)
        self.assertRegex(
            said, r"accuracy to expect: \d+ to \d+% \(of 12 photos, .*, \d+ right\)"
        )
        with open(os.path.join(folder, "predictions.json"), encoding="utf-8") as file:
            rows = json.load(file)
        with open(os.path.join(folder, "predictions.csv"), encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        for path, row, cells in zip(self.queries, rows, table, strict=True):
            self.assertEqual(row["image"], path)
            self.assertEqual(row["label"], os.path.basename(os.path.dirname(path)))
            self.assertAlmostEqual(sum(row["probabilities"].values()), 1, places=4)
            self.assertEqual(max(row["probabilities"].values()), row["probability"])
            self.assertEqual(
                cells,
                {name: str(row[name]) for name in ("image", "label", "probability")}
                | {name: str(value) for name, value in row["probabilities"].items()},
            )

    def test_a_kept_classifier_answers_the_same(self):
        folder = os.path.join(self.create_tempdir().full_path, "kept")
        expected, _ = self.fitted(images=self.queries, save=folder)
        lines, said = self.adapt(classifier=folder, images=self.queries)
        self.assertEqual(lines, expected)
        self.assertIn("classes: level, slanting, upright", said)

    def test_may_answer_none_of_these(self):
        lines, _ = self.fitted(images=self.queries, reject_below=1.0, estimate=False)
        for line in lines:
            self.assertIn(": none of these (", line)

    def test_one_photo_of_each_class_allows_no_estimate(self):
        folder = pathlib.Path(self.create_tempdir().full_path)
        _write(folder, [0, 1, 2], seed=0)
        _, said = self.adapt(
            learner=self.learner, support=str(folder), images=self.queries
        )
        self.assertIn("accuracy to expect: not known", said)

    def test_names_files_that_it_could_not_read(self):
        bad = os.path.join(self.create_tempdir().full_path, "bad.png")
        pathlib.Path(bad).write_text("no image")
        lines, said = self.fitted(images=[bad, *self.queries], estimate=False)
        self.assertLen(lines, len(self.queries))
        self.assertIn("bad.png", said)

    @parameterized.parameters(
        ({}, "Either `support` or `classifier` must be given"),
        ({"learner": "x"}, "Either `support` or"),
        ({"classifier": "x", "support": "z"}, "Either `support` or"),
        ({"classifier": "x", "learner": "y"}, "`learner` must not come with"),
        ({"classifier": "x"}, "`images` to classify must be given"),
        (
            {"classifier": "x", "images": ["y"], "reject_below": 2.0},
            r"`reject_below` must be in \[0, 1\]. Received: 2.0",
        ),
    )
    def test_refuses_flags_that_mean_nothing(self, flags, message):
        with self.assertRaisesRegex(ValueError, message):
            self.adapt(**flags)

    def test_bad_input_is_one_line(self):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-m", "bin.adapt", "--learner=nobody"]
            + [f"--support={self.support}", f"--images={self.queries[0]}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Aerror: A learner must be .*'nobody'.*\n\Z")


if __name__ == "__main__":
    absltest.main()
