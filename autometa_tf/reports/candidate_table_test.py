import csv
import dataclasses
import os

from absl.testing import absltest

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.reports.candidate_table import (
    COLUMNS,
    candidate_rows,
    write_candidate_table,
)
from autometa_tf.reports.run_record import read_run
from autometa_tf.testing import fake_run

# One candidate is scored at an earlier rung too, and another is a finalist.
_EARLY = dataclasses.replace(
    fake_run.EVALUATIONS[1],
    key=dataclasses.replace(fake_run.KEY, rung=500),
    score=0.25,
    learner=b"theta",
)
_FINALIST = dataclasses.replace(
    fake_run.EVALUATIONS[4], key=fake_run.FINALIST_KEY, score=0.96
)


class CandidateTableTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = self.create_tempdir().full_path
        fake_run.write_run(
            self.run_dir,
            evaluations=[_EARLY, *fake_run.EVALUATIONS, _FINALIST],
            config=fake_run.experiment(
                halving_rungs=1,
                halving_factor=2,
                num_finalists=1,
                num_finalist_episodes=200,
            ),
        )

    def test_every_evaluation_has_a_row(self):
        rows = candidate_rows(self.run_dir)
        self.assertLen(rows, 9)
        self.assertEqual(
            [(row["rung"], row["finalist"], row["score"]) for row in rows],
            [
                (500, 0, 0.25),
                *((1000, 0, found.score) for found in fake_run.EVALUATIONS),
                (3000, 1, 0.96),
            ],
        )

    def test_a_row_tells_all_of_an_evaluation_but_the_learner(self):
        row = candidate_rows(self.run_dir)[5]
        found = fake_run.EVALUATIONS[4]
        kept = {
            field.name: getattr(found, field.name)
            for field in dataclasses.fields(Evaluation)
        }
        del kept["key"], kept["learner"]
        expected = kept | {
            "genome": genome_to_json(fake_run.DEEP),
            "num_blocks": 2,
            "depth": 2,
            "stage": 2,
            "prediction": 0.8,
            "explored": 0,
            "finalist": 0,
            "seed": fake_run.SEED,
            "outer_iterations": 1000,
            "rung": 1000,
            "num_episodes": 50,
        }
        self.assertEqual(row, expected)
        self.assertEqual(list(row), list(COLUMNS))

    def test_tells_what_was_drawn_at_random(self):
        run_dir = self.create_tempdir().full_path
        fake_run.write_run(run_dir, config=fake_run.experiment(exploration=0.4))
        explored = {row["genome"] for row in candidate_rows(run_dir) if row["explored"]}
        # Of the stage's three predictions, .8, .7 and .6, it has the last.
        self.assertEqual(explored, {genome_to_json(fake_run.SHALLOW)})

    def test_columns_without_a_text_are_told_of_elsewhere(self):
        told = Evaluation.__doc__ + EvaluationKey.__doc__
        for name, text in COLUMNS.items():
            self.assertTrue(text or f"      {name}: " in told, name)

    def test_the_file_holds_the_rows(self):
        path = os.path.join(self.run_dir, "candidates.csv")
        write_candidate_table(read_run(self.run_dir), path)
        with open(path, encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        expected = [
            {name: "" if value is None else str(value) for name, value in row.items()}
            for row in candidate_rows(self.run_dir)
        ]
        self.assertEqual(found, expected)


if __name__ == "__main__":
    absltest.main()
