import json
import re

import numpy as np
from absl.testing import absltest

from benchmarks.recipe_rows import Row
from benchmarks.recipe_table import MEASURES, differences, make_table, markdown

ROWS = {
    row.name: row
    for row in (
        Row(name="base", fields={}, reference=""),
        Row(name="better", fields={"flips": True}, reference="base"),
        Row(name="same", fields={}, reference="base"),
        Row(name="worse", fields={}, reference="better"),
        Row(name="late", fields={}, reference="base"),
    )
}
MEANS = {"base": 0.5, "better": 0.6, "same": 0.5, "worse": 0.35}


def _result(mean, rng):
    def score(rate):
        accuracies = np.clip(rng.normal(mean, 0.1, [200, 2]), 0, 1)
        return {
            "learning_rate": rate,
            "choosing": {"0.01": [0.5, 0.4]},
            "accuracies": accuracies.tolist(),
        }

    return {
        "commit": "abc",
        "scores": {"5": score(0.01), "1": score(0.003)},
        "cpu_seconds": {"training": 160.4, "scoring": 90.0},
    }


def _results():
    rng = np.random.default_rng(0)
    results = {
        name: {str(seed): _result(mean + 0.02 * seed, rng) for seed in (0, 1)}
        for name, mean in MEANS.items()
    }
    results["late"] = {"1": _result(0.9, rng)}
    return results


def _by_hand(results, name, reference, shots, column):
    """Means and standard errors, seed by seed, in points."""
    means, errors = [], []
    for seed in results[name]:
        ours, others = (
            np.array(results[row][seed]["scores"][shots]["accuracies"])
            for row in (name, reference)
        )
        points = 100 * (ours - others)[:, column]
        means.append(points.mean())
        errors.append(np.sqrt(points.var(ddof=1) / points.size))
    return np.array(means), np.array(errors)


class RecipeTableTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results = _results()
        cls.table = json.loads(json.dumps(make_table(ROWS, cls.results)))

    def test_differences_are_numpys(self):
        references = {"better": "base", "same": "base", "worse": "better"}
        for measure, (shots, column) in MEASURES.items():
            found = self.table["differences"][measure]
            by_hand = {
                name: _by_hand(self.results, name, reference, str(shots), column)
                for name, reference in references.items()
            }
            pooled = np.mean([np.diff(means) ** 2 / 2 for means, _ in by_hand.values()])
            for name, (means, errors) in by_hand.items():
                of_episodes = np.linalg.norm(errors) / 2
                of_seeds = np.abs(np.diff(means)[0]) / 2
                error = max(of_episodes, of_seeds, np.sqrt(pooled / 2))
                self.assertAlmostEqual(found[name]["mean"], means.mean())
                self.assertAlmostEqual(found[name]["ci95"], 1.96 * error)
                np.testing.assert_allclose(found[name]["by_seed"], means)
                np.testing.assert_allclose(found[name]["ci95_by_seed"], 1.96 * errors)

    def test_episodes_are_paired(self):
        rng = np.random.default_rng(1)
        reference = rng.uniform(size=100)
        shift = {"row": [(reference + 0.05, reference)]}
        self.assertAlmostEqual(differences(shift)["row"].ci95, 0)
        self.assertAlmostEqual(differences(shift)["row"].mean, 5)

    def test_seeds_that_disagree_widen_the_interval_of_all_rows(self):
        constant = np.full(10, 0.5)
        wide = [(constant + 0.1, constant), (constant - 0.1, constant)]
        alone = [(constant + 0.01, constant)]
        found = differences({"wide": wide, "alone": alone})
        # Deviations of 10 and -10 points: a variance of 200.
        self.assertAlmostEqual(found["wide"].ci95, 1.96 * 10)
        self.assertAlmostEqual(found["alone"].ci95, 1.96 * np.sqrt(200))

    def test_the_verdict_is_where_the_interval_lies(self):
        found = self.table["differences"]["5-shot transductive"]
        verdicts = {name: each["verdict"] for name, each in found.items()}
        self.assertEqual(
            verdicts,
            {"better": "helps", "same": "unclear", "worse": "hurts", "late": "helps"},
        )

    def test_the_table_has_what_was_measured_without_each_episode(self):
        seed = self.table["rows"]["better"]["seeds"]["1"]
        accuracies = self.results["better"]["1"]["scores"]["1"]["accuracies"]
        self.assertAlmostEqual(seed["scores"]["1-shot"], np.mean(accuracies, 0)[1])
        self.assertEqual(seed["test_learning_rates"], {"5": 0.01, "1": 0.003})
        self.assertEqual((seed["commit"], seed["num_episodes"]), ("abc", 200))
        self.assertEqual(self.table["rows"]["better"]["fields"], {"flips": True})

    def test_the_markdown_says_what_the_json_says(self):
        results, trainings = markdown(self.table).split("\n\n")
        lines = [line.strip("| ").split(" | ") for line in results.splitlines()]
        self.assertEqual(lines[0][3:], list(MEASURES))
        self.assertEqual([line[0] for line in lines[2:]], list(ROWS))
        for name, reference, seeds, *cells in lines[2:]:
            row = self.table["rows"][name]
            self.assertEqual(reference, row["reference"] or "–")
            self.assertEqual(seeds, "1 of 2" if name == "late" else "2")
            for measure, cell in zip(MEASURES, cells, strict=True):
                self.check_cell(cell, name, measure)
        self.assertIn("| better | 0.01, 0.01 | 0.003, 0.003 | 160, 160 |", trainings)

    def check_cell(self, cell, name, measure):
        scores = [
            seed["scores"][measure]
            for seed in self.table["rows"][name]["seeds"].values()
        ]
        score, _, difference = cell.partition(", ")
        self.assertAlmostEqual(float(score), 100 * np.mean(scores), delta=0.0501)
        if name == "base":
            self.assertEmpty(difference)
            return
        expected = self.table["differences"][measure][name]
        mean, ci95, verdict = re.fullmatch(r"(.*)±(.*) (\S*)", difference).groups()
        self.assertAlmostEqual(float(mean), expected["mean"], delta=0.0501)
        self.assertAlmostEqual(float(ci95), expected["ci95"], delta=0.0501)
        self.assertEqual(verdict.strip("*"), expected["verdict"])

    def test_a_row_that_has_not_ended_is_said_to_be_unfinished(self):
        results = {"base": self.results["base"]}
        text = markdown(make_table(ROWS, results))
        self.assertIn("| same | base | 0 of 2 | unfinished |", text)


if __name__ == "__main__":
    absltest.main()
