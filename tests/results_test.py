"""What results/ says is what its files hold, and it stays small enough to clone."""

import csv
import json
import math
import pathlib

from absl.testing import absltest

from autometa_tf.experiments.run_directory import RunDirectory
from benchmarks.results import read_result, readme, write_results
from tests.source_tree import ROOT

_RESULTS = pathlib.Path(ROOT) / "results"
_MB = 2**20


def _write_run(folder, **about):
    folder.mkdir(parents=True)
    sitting = {"processor": "P", "kernels": "avx2", "tensorflow": "2.21.0", "part": "x"}
    files = {
        "about.json": {"title": "A <cell>", "core_hours": 1.5, "commit": "abc"} | about,
        "config.json": {
            "network": "conv4",
            "begun_with": {"command": "bazel run //bin:train"},
            "sittings": [sitting, sitting | {"part": "y"}],
            "experiment": {"episodes": {"ways": 5, "shots": 1, "train_shots": 10}},
            "scored": [],
        },
        "summary.json": {"num_parameters": 12345},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    for name, lines in (
        ("", "0,1.0,0.5\n1,0.5,0.5\n2,0.0,0.2\n"),
        ("-shots=5", ""),
        ("-ways=10-queries_per_class=15", ""),
    ):
        text = "# what\nepisode,transductive,non_transductive\n" + lines
        text += "" if lines else "0,1.0,1.0\n1,0.8,0.6\n"
        (folder / f"test_accuracies{name}.csv").write_text(text)


class MadeUpResultsTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.results = pathlib.Path(self.create_tempdir().full_path)

    def test_a_run_has_its_scores_by_protocol(self):
        _write_run(self.results / "one", published={"": ["98", "97"]})
        result = read_result(self.results / "one")
        self.assertEqual(
            list(result["scores"]), ["", "shots=5", "ways=10-queries_per_class=15"]
        )
        score = result["scores"][""]["transductive"]
        # Mean and 1.96 standard errors of 1, .5 and 0, whose deviation is .5.
        self.assertEqual(score["mean"], 0.5)
        self.assertAlmostEqual(score["ci95"], 1.96 * 0.5 / math.sqrt(3), places=6)
        self.assertLen(result["computed_by"], 1)

    def test_the_page_has_a_row_for_each_protocol_and_a_line_for_each_study(self):
        _write_run(self.results / "one", published={"shots=5": ["98", "97"]})
        study = self.results / "study"
        study.mkdir()
        (study / "about.json").write_text('{"title": "Which", "summary": "that"}')
        _write_run(self.results / "search", summary="found a cell")
        write_results(self.results)
        page = (self.results / "README.md").read_text()
        self.assertIn("- [A <cell>](search): found a cell", page)
        self.assertNotIn("| [A <cell>](search)", page)
        row = "| [A <cell>](one) | 5-way 5-shot | 98 | 90.00±19.60 | 97 | 80.00±39.20 |"
        self.assertIn(f"{row} 2 | 12,345 | 1.5 |\n", page)
        self.assertIn("| 5-way 1-shot | – | 50.00±56.58 | – | 40.00±19.60 | 3 |", page)
        self.assertIn("| 10-way 1-shot, queries_per_class=15 | – | 90.00±19.60 |", page)
        self.assertIn("    bazel run //bin:train\n", page)
        self.assertIn("- [Which](study): that", page)

    def test_published_numbers_of_a_protocol_that_was_not_scored_are_refused(self):
        _write_run(self.results / "one", published={"shots=20": ["98", "97"]})
        with self.assertRaisesRegex(ValueError, r"scored: \['', 'shots=5', .*shots=20"):
            read_result(self.results / "one")


class OurResultsTest(absltest.TestCase):
    def test_the_page_and_the_json_are_made_from_the_runs(self):
        results = {}
        for about in sorted(_RESULTS.glob("*/about.json")):
            folder = about.parent
            results[folder.name] = json.loads(about.read_text(encoding="utf-8"))
            if "summary" not in results[folder.name]:
                kept = json.loads((folder / "result.json").read_text(encoding="utf-8"))
                self.assertEqual(kept, read_result(folder))
                self._check_by_hand(folder, kept)
                results[folder.name] = kept
        self.assertNotEmpty(results)
        page = (_RESULTS / "README.md").read_text(encoding="utf-8")
        self.assertEqual(page, readme(results), "Run //benchmarks:results.")

    def _check_by_hand(self, folder, result):
        for protocol, scores in result["scores"].items():
            name = f"test_accuracies{'-' if protocol else ''}{protocol}.csv"
            with open(folder / name, encoding="utf-8") as file:
                next(file)
                values = [float(row["transductive"]) for row in csv.DictReader(file)]
            mean = sum(values) / len(values)
            variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
            score = scores["transductive"]
            self.assertAlmostEqual(score["mean"], mean, places=5)
            error = math.sqrt(variance / len(values))
            self.assertAlmostEqual(score["ci95"], 1.96 * error, places=5)

    def test_every_run_can_be_gone_on_with(self):
        configs = list(_RESULTS.rglob("config.json"))
        self.assertNotEmpty(configs)
        for path in configs:
            RunDirectory(path.parent).experiment  # noqa: B018 - it reads config.json

    def test_every_result_tells_about_itself(self):
        folders = {path.name for path in _RESULTS.iterdir() if path.is_dir()}
        told = {path.parent.name for path in _RESULTS.glob("*/about.json")}
        self.assertEqual(folders - {"unfinished"}, told)

    def test_results_stay_small(self):
        sizes = {
            path: path.stat().st_size for path in _RESULTS.rglob("*") if path.is_file()
        }
        self.assertLessEqual(max(sizes.values()), 8 * _MB, max(sizes, key=sizes.get))
        self.assertLessEqual(sum(sizes.values()), 40 * _MB)
        self.assertLessEqual(len(list((_RESULTS / "unfinished").glob("*"))), 3)


if __name__ == "__main__":
    absltest.main()
