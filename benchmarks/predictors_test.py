import csv
import json
import pathlib
import sys
from unittest import mock

from absl.testing import absltest

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.testing.fake_evaluator import structure_score
from benchmarks import halving_replay, predictor_quality, predictors, rank_intervals


def _write_bank(path, num_cells):
    """Cells in which structure decides; half stop at 300, one in four has two seeds."""
    ones = one_block_genomes()
    twos = expand_beam(ones[::9])
    genomes = [g for pair in zip(ones[::2], twos[::20], strict=False) for g in pair]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["part", "genome", "seed", "rung", "score", "score_ci95", "failure"]
        )
        for index, genome in enumerate(genomes[:num_cells]):
            part = "tuning" if index % 4 < 2 else "test"
            for seed in (0, 1) if index % 4 == 0 else (0,):
                for rung in predictors.RUNGS[: 4 - index % 2]:
                    score = structure_score(genome, seed + rung)
                    row = [part, genome_to_json(genome), seed, rung]
                    writer.writerow([*row, score, 0.03, ""])


class PredictorsTest(absltest.TestCase):
    def run_on(self, num_cells, *flags):
        folder = pathlib.Path(self.create_tempdir().full_path)
        _write_bank(folder / "bank.csv", num_cells)
        arguments = ["predictors", f"--bank={folder / 'bank.csv'}", *flags]
        with (
            mock.patch.object(sys, "argv", arguments),
            mock.patch.object(rank_intervals, "NUM_RESAMPLES", 50),
            mock.patch.object(predictor_quality, "NUM_RESAMPLES", 50),
            mock.patch.object(halving_replay, "_NUM_POOLS", 3),
            mock.patch.object(halving_replay, "_NUM_REPLAYS", 3),
        ):
            predictors.main()
        page = (folder / "predictors.md").read_text(encoding="utf-8")
        return json.loads((folder / "predictors.json").read_text("utf-8")), page

    def test_judges_a_bank(self):
        found, page = self.run_on(40)
        self.assertEqual(found["num_cells"], 40)
        full = [each for each in found["anytime"] if each["full"] == 1000]
        self.assertEqual([each["rung"] for each in full], [30, 100, 300])
        self.assertTrue(all(0 < each["value"] <= 1 for each in full))
        # Made-up scores depend on structure, so that a predictor can learn them.
        ranked = {
            (each["rung"], each["predictor"], each["division"]): each["spearman"]
            for each in found["predictions"]
        }
        self.assertGreater(ranked[300, "features", "test, all"], 0.5)
        self.assertEqual(found["halving"][0]["test"]["pool"], 10)
        self.assertEqual(found["ceilings"][0]["num_cells"], 10)
        for title in ("## Early scores", "## Halving", "## Predictors"):
            self.assertIn(title, page)

    def test_tells_what_searches_taught_the_predictor(self):
        folder = pathlib.Path(self.create_tempdir().full_path, "letters")
        folder.mkdir()
        table = folder / "candidates.csv"
        with open(table, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["genome", "stage", "rung", "score"])
            for genome in one_block_genomes():
                score = structure_score(genome, 2)
                writer.writerow([genome_to_json(genome), 1, 100, score])
        found, page = self.run_on(40, f"--searches={table}")
        self.assertEqual([e["rung"] for e in found["searches"]], [100, 300, 1000])
        self.assertIn("| letters | stage 1 | 55 |", page)
        self.assertNotIn("taught the predictor", self.run_on(1)[1])

    def test_a_bank_that_has_just_begun_is_no_error(self):
        found, page = self.run_on(1)
        self.assertEqual(found["halving"], [])
        self.assertIn("too few cells", page)

    def test_no_bank_is_told_in_one_line(self):
        with (
            mock.patch.object(sys, "argv", ["predictors", "--bank=/nowhere.csv"]),
            self.assertRaisesRegex(SystemExit, "predictors: .*/nowhere.csv"),
        ):
            predictors.main()


if __name__ == "__main__":
    absltest.main()
