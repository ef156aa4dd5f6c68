"""Tests of the tables of `strategies`."""

import dataclasses

import numpy as np
from absl.testing import absltest
from scipy import stats

from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.reports.run_record import read_run
from autometa_tf.testing import fake_run
from benchmarks import strategies


def _found(strategy, seed, winner, finalists=0.8):
    return {
        "strategy": strategy,
        "seed": seed,
        "winner": winner,
        "winner_ci95": 0.01,
        "finalists": finalists,
        "num_parameters": 12345,
        "num_candidates": 155,
        "outer_iterations": 9000,
        "hours": 0.5,
    }


def _cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


class StrategiesTest(absltest.TestCase):
    def test_differences_are_paired_by_seed(self):
        pnas, random = (0.91, 0.95, 0.93), (0.90, 0.90, 0.91)
        results = [
            *(_found("pnas", seed, each) for seed, each in enumerate(pnas)),
            *(_found("random", seed, each) for seed, each in enumerate(random)),
            _found("pnas", 7, 0.1),  # There is no random search with this seed.
        ]

        searches, differences = strategies.report(results).split("\n\n")

        self.assertLen(searches.splitlines(), 2 + len(results))
        self.assertEqual(
            _cells(searches.splitlines()[2]),
            ["pnas", "0", "91.0±1.0", "80.0", "12,345", "155", "9,000", "0.50"],
        )
        gains = np.subtract(pnas, random)
        interval = stats.t.interval(0.95, 2, gains.mean(), stats.sem(gains))
        half = (interval[1] - interval[0]) / 2
        expected = f"{100 * gains.mean():+.1f}±{100 * half:.1f}"
        (line,) = differences.splitlines()[2:]
        self.assertEqual(_cells(line), ["pnas", "3", expected, "+0.0±0.0"])

    def test_a_search_costs_what_was_trained_and_its_winner_is_a_finalist(self):
        config = fake_run.experiment(
            halving_rungs=1, num_finalists=1, num_finalist_episodes=200
        )
        first, last = config.evaluation_plan.keys
        self.assertEqual((first.rung, last.rung), (333, 1000))
        found = [
            dataclasses.replace(fake_run.success(genome, score, 1000, 60.0), key=key)
            for genome, score, key in (
                (fake_run.FIRST, 0.5, first),
                (fake_run.SECOND, 0.6, first),
                (fake_run.SECOND, 0.7, last),
                (fake_run.SECOND, 0.65, fake_run.FINALIST_KEY),
            )
        ]
        run = fake_run.write_run(
            self.create_tempdir().full_path,
            stages=fake_run.STAGES[:1],
            evaluations=found,
            config=config,
        )

        result = strategies.result_of(read_run(run.path))

        self.assertEqual(result["winner"], 0.65)
        self.assertEqual(result["genome"], genome_to_json(fake_run.SECOND))
        self.assertEqual(result["outer_iterations"], 333 + 333 + 667 + 3000)
        self.assertEqual(result["num_candidates"], 2)

    def test_strategies_have_the_same_cost(self):
        fields = [
            strategies.experiment_of(each, seed=3).with_fields(search_strategy="pnas")
            for each in strategies.STRATEGIES
        ]
        self.assertEqual(fields, fields[:1] * 3)
        self.assertEqual(fields[0].full_training.final_split, "validation")


if __name__ == "__main__":
    absltest.main()
