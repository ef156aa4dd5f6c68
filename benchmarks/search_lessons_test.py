import csv
import os
import pathlib
from unittest import mock

from absl.testing import absltest

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.predictors.feature_predictor import FeaturePredictor
from autometa_tf.reports.candidate_table import write_candidate_table
from autometa_tf.reports.run_record import read_run
from autometa_tf.testing import fake_run
from autometa_tf.testing.fake_evaluator import structure_score
from benchmarks import predictor_quality
from benchmarks.bank_table import Curve
from benchmarks.search_lessons import lessons, read_stages, search_name


class SearchLessonsTest(absltest.TestCase):
    def test_reads_the_table_of_a_report(self):
        folder = self.create_tempdir().full_path
        fake_run.write_run(folder)
        path = os.path.join(folder, "candidates.csv")
        write_candidate_table(read_run(folder), path)
        scores = [sorted(score for _, score in stage) for stage in read_stages(path)]
        # One of the first stage failed.
        self.assertEqual(scores, [[0.5, 0.7, 0.9], [0.6, 0.8, 0.95]])

    def test_ranks_cells_that_the_search_did_not_have_after_each_stage(self):
        ones = one_block_genomes()
        twos = expand_beam(ones[::7])
        # The second stage is of ten cells; the rungs after the first say other things.
        stages = [(1, genome) for genome in ones] + [(2, g) for g in twos[:10]]
        folder = pathlib.Path(self.create_tempdir().full_path, "letters", "report")
        folder.mkdir(parents=True)
        with open(folder / "candidates.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["genome", "stage", "rung", "score"])
            for stage, genome in stages:
                text = genome_to_json(genome)
                writer.writerow([text, stage, 100, structure_score(genome, 0)])
                writer.writerow([text, stage, 300, 0.5])
        bank = [
            Curve(
                genome=genome,
                part="test",
                seed=0,
                scores={100: structure_score(genome, 1)},
                ci95={},
            )
            for genome in [*ones[:5], *twos[::20]]
        ]
        with mock.patch.object(predictor_quality, "NUM_RESAMPLES", 50):
            found = lessons(
                folder / "candidates.csv", bank, FeaturePredictor(), (100, 300)
            )
        kept = [(e["stages"], e["fitted"], e["rung"], e["held_out"]) for e in found]
        # The bank's larger cells, without the one that the second stage had.
        num_larger = len(twos[::20])
        self.assertEqual(
            kept,
            [
                (1, 55, 100, num_larger),
                (1, 55, 300, 0),
                (2, 65, 100, num_larger - 1),
                (2, 65, 300, 0),
            ],
        )
        self.assertGreater(found[0]["spearman"], 0.5)
        self.assertIsNone(found[1]["spearman"])
        self.assertEqual({each["search"] for each in found}, {"letters"})

    def test_refuses_another_table(self):
        path = os.path.join(self.create_tempdir().full_path, "other.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("genome,score\n")
        with self.assertRaisesRegex(ValueError, "other.csv, without rung, stage"):
            read_stages(path)

    def test_a_search_has_the_name_of_its_folder(self):
        self.assertEqual(search_name("/a/b/candidates.csv"), "b")
        self.assertEqual(search_name("/a/b/report/candidates.csv"), "b")


if __name__ == "__main__":
    absltest.main()
