import os

from absl.testing import absltest
from PIL import Image

from autometa_tf.reports.comparison_report import (
    comparison_lines,
    comparison_rows,
    differing_settings,
    write_comparison,
)
from autometa_tf.reports.run_record import read_run
from autometa_tf.testing import fake_run


class ComparisonReportTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path

    def record(self, name, **kwargs):
        run_dir = os.path.join(self.directory, name)
        fake_run.write_run(run_dir, **kwargs)
        return read_run(run_dir)

    def records(self):
        return [
            self.record("pnas", summary=fake_run.SUMMARY),
            self.record(
                "random",
                stages=fake_run.STAGES[:1],
                evaluations=fake_run.EVALUATIONS[:3],
                config=fake_run.experiment(search_strategy="random", seed=3),
            ),
        ]

    def test_what_is_compared(self):
        self.assertEqual(
            comparison_rows(self.records()),
            [
                ["Status", "finished", "unfinished"],
                ["Search strategy", "pnas", "random"],
                ["Candidates", "7", "3"],
                ["Failed", "1", "1"],
                # 1,320 and 60 + 120 + 60 seconds.
                ["Candidate hours", "0.367 h", "0.0667 h"],
                ["Best score", "95.0±5.0%", "70.0±5.0%"],
                # Of 0.7, 0.5, 0.9, 0.95, 0.8, 0.6 and of 0.7, 0.5.
                ["Mean of the 10 best", "74.2%", "60.0%"],
                ["Median score", "75.0%", "60.0%"],
                ["Parameters of the best", "2,500", "2,000"],
                ["Test, transductive", "98.12±0.34%", "–"],
                ["Test, non-transductive", "96.12±0.56%", "–"],
            ],
        )

    def test_a_run_without_a_score_can_be_compared(self):
        records = [self.record("a"), self.record("b", stages=(), evaluations=())]
        rows = {row[0]: row[1:] for row in comparison_rows(records)}
        self.assertEqual(rows["Best score"], ["95.0±5.0%", "–"])
        self.assertEqual(rows["Mean of the 10 best"], ["74.2%", "–"])
        self.assertEqual(rows["Status"], ["searched", "begun"])

    def test_settings_that_differ(self):
        self.assertEqual(
            differing_settings(self.records()),
            [("search.search_strategy", ['"pnas"', '"random"'])],
        )
        record = self.record("same")
        self.assertEmpty(differing_settings([record, record]))

    def test_nested_settings_are_compared_one_by_one(self):
        config = fake_run.experiment(num_filters=12)
        self.assertEqual(
            differing_settings([self.record("a"), self.record("b", config=config)]),
            [("network.num_filters", ["10", "12"])],
        )

    def test_lines_for_a_terminal_are_aligned(self):
        lines = comparison_lines(self.records())
        self.assertEqual(lines[0], "                               pnas      random")
        self.assertEqual(lines[1], "Status                     finished  unfinished")
        self.assertEqual(lines[-1], "Test, non-transductive  96.12±0.56%           –")

    def test_writes_tables_and_the_figure(self):
        path = write_comparison(self.records(), os.path.join(self.directory, "c"))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("|  | pnas | random |\n", text)
        self.assertIn("| Median score | 75.0% | 60.0% |\n", text)
        self.assertIn('| search.search\\_strategy | "pnas" | "random" |\n', text)
        self.assertIn('<img src="comparison.png"', text)
        image_path = os.path.join(self.directory, "c", "comparison.png")
        with Image.open(image_path) as image:
            self.assertEqual(image.size, (1650, 720))

    def test_runs_without_any_score_have_no_figure(self):
        records = [self.record(name, stages=(), evaluations=()) for name in ("a", "b")]
        directory = os.path.join(self.directory, "c")
        write_comparison(records, directory)
        self.assertEqual(os.listdir(directory), ["comparison.md"])


if __name__ == "__main__":
    absltest.main()
