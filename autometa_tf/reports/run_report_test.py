import dataclasses
import os

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.plain_text import MISSING
from autometa_tf.reports.markdown import escape
from autometa_tf.reports.run_record import read_run
from autometa_tf.reports.run_report import write_run_report
from autometa_tf.search.state import Stage
from autometa_tf.search.worker_time import WorkerTime
from autometa_tf.testing import fake_run

_FIGURES = ["cell.png", "depths.png", "predictions.png", "scores.png", "sizes.png"]


class RunReportTest(parameterized.TestCase):
    def report(self, **kwargs) -> str:
        """Writes a run and its report, and returns the report's text."""
        run_dir = os.path.join(self.create_tempdir().full_path, "run_1")
        fake_run.write_run(run_dir, **kwargs)
        self.directory = os.path.join(run_dir, "report")
        path = write_run_report(read_run(run_dir), self.directory)
        self.assertEqual(path, os.path.join(self.directory, "report.md"))
        with open(path, encoding="utf-8") as file:
            return file.read()

    def rows(self, text: str, heading: str) -> list[list[str]]:
        """The cells of the table below a heading, without its header."""
        section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
        lines = [line for line in section.splitlines() if line.startswith("|")]
        return [line.strip("| ").split(" | ") for line in lines[2:]]

    def test_stages(self):
        self.assertEqual(
            self.rows(self.report(), "Stages"),
            [
                ["1", "55", "50", "4", "1", "90.0%", "70.0%", "1"],
                ["2", "1,360", "1,340", "3", "0", "95.0%", "80.0%", "2"],
            ],
        )

    def test_predictor_in_sample_and_out_of_sample(self):
        # In-sample as the search has stored it. Out-of-sample 0.6, 0.8 and 0.7 were
        # predicted for 0.8, 0.95 and 0.6: off by 0.15 on average.
        self.assertEqual(
            self.rows(self.report(), "Predictor"),
            [
                ["2", "stage 1, in-sample", "3", "0.88", "0.75", "6.2%"],
                ["2", "stage 2, out-of-sample", "3", "0.50", "0.33", "15.0%"],
            ],
        )

    def test_predictors_choice_beside_what_was_drawn_at_random(self):
        text = self.report(config=fake_run.experiment(exploration=0.4))
        # The least was predicted for the one with a score of .8; the others have .95, .6.
        self.assertIn(
            ["2", "2", "77.5%", "95.0%", "1", "80.0%", "80.0%", MISSING],
            self.rows(text, "Predictor"),
        )
        # Of two, scores .8 and .6 for predictions .6 and .7.
        text = self.report(config=fake_run.experiment(exploration=0.7))
        self.assertEqual(
            self.rows(text, "Predictor")[-1],
            ["2", "1", "95.0%", "95.0%", "2", "70.0%", "80.0%", "-1.00"],
        )
        self.assertNotIn("drawn at random", self.report())

    def test_costs(self):
        text = self.report(summary=fake_run.SUMMARY)
        self.assertEqual(
            self.rows(text, "Costs"),
            [
                ["Candidate hours in all", "0.367 h"],
                [
                    "Seconds per candidate",
                    "210 (to build 35, to train 70, to score 105)",
                ],
                ["Processes that died or ran out of time", "2"],
                ["Most memory of a process", "1 GiB"],
                ["The whole run, pauses included", "2 h"],
            ],
        )

    def test_cells_for_those_who_weigh_score_size_and_time(self):
        # SHALLOW is worse in all than DEEP, DEEP_TOO than SECOND.
        self.assertEqual(
            self.rows(self.report(), "Score, size and time"),
            [
                ["95.0%", "2,500", "2.4 s", escape(str(fake_run.DEEP))],
                ["90.0%", "3,000", "1.8 s", escape(str(fake_run.THIRD))],
                ["70.0%", "2,000", "0.6 s", escape(str(fake_run.SECOND))],
                ["50.0%", "1,000", "1.2 s", escape(str(fake_run.FIRST))],
            ],
        )

    def test_idle_workers(self):
        run_dir = self.create_tempdir().full_path
        fake_run.write_run(run_dir)
        times = (
            WorkerTime(
                stage=1, wall_seconds=900, worker_seconds=3600, busy_seconds=1800
            ),
            WorkerTime(
                stage=0, wall_seconds=900, worker_seconds=3600, busy_seconds=3600
            ),
        )
        record = dataclasses.replace(read_run(run_dir), worker_times=times)
        path = write_run_report(record, os.path.join(run_dir, "report"))
        with open(path, encoding="utf-8") as file:
            rows = dict(self.rows(file.read(), "Costs"))
        self.assertEqual(rows["Stages, from their begin to their end"], "0.5 h")
        self.assertEqual(
            rows["Workers without work in that time"],
            "0.5 h of 2 h, 25.0% (stage 1 50.0%, finalists 0.0%)",
        )

    def test_failures_have_their_reasons(self):
        text = self.report()
        self.assertIn("| 1 | NaN: the loss is \\| not \\*finite\\* |\n", text)

    def test_many_reasons_are_cut_short(self):
        stages, evaluations = _failing_stage(12)
        text = self.report(stages=stages, evaluations=evaluations)
        self.assertLen(self.rows(text, "Failures"), 10)
        self.assertIn("And 2 reasons more, 2 times.", text)

    def test_a_finished_run(self):
        text = self.report(summary=fake_run.SUMMARY)
        self.assertIn("# Search run\\_1\n\nStatus: finished.\n", text)
        self.assertIn("98.12±0.34% transductive, 96.12±0.56% non-transductive", text)
        self.assertIn(genome_to_json(fake_run.DEEP), text)

    def test_finalists_have_their_table(self):
        finalists = [
            dataclasses.replace(found, key=fake_run.FINALIST_KEY, score=score)
            for found, score in (
                (fake_run.EVALUATIONS[3], 0.9),
                (fake_run.EVALUATIONS[4], 0.8),
            )
        ]
        text = self.report(
            evaluations=[*fake_run.EVALUATIONS, *finalists],
            config=fake_run.experiment(num_finalists=2, num_finalist_episodes=200),
        )
        self.assertEqual(
            [row[:5] for row in self.rows(text, "Finalists")],
            [
                ["1", "90.0±5.0%", "90.0%", "3,000", "1"],
                ["2", "80.0±5.0%", "95.0%", "2,500", "2"],
            ],
        )
        self.assertIn(f"Best cell: {escape(str(fake_run.THIRD))}", text)

    def test_figures_are_images_that_the_text_shows(self):
        text = self.report(summary=fake_run.SUMMARY)
        self.assertCountEqual(
            os.listdir(self.directory), ["report.md", "candidates.csv", *_FIGURES]
        )
        for name in _FIGURES:
            with Image.open(os.path.join(self.directory, name)) as image:
                image.load()
                self.assertEqual(image.format, "PNG")
                self.assertBetween(image.width, 500, 2000)
                self.assertBetween(image.height, 300, 2000)
                self.assertGreater(np.unique(image.convert("L")).size, 20)
                shown = f'<img src="{name}"'
                self.assertIn(shown, text)
                width = int(text.split(shown)[1].split('width="')[1].split('"')[0])
                self.assertAlmostEqual(2 * width, image.width, delta=1)

    def test_an_unfinished_run(self):
        text = self.report(evaluations=fake_run.EVALUATIONS[:5])
        self.assertIn("Status: unfinished: stage 2 of 2, 1 of its 3 candidates.", text)
        self.assertEqual(
            self.rows(text, "Stages")[1],
            ["2", "1,360", "1,340", "1 of 3", "0", "95.0%", "95.0%", "2"],
        )
        self.assertEqual(
            self.rows(text, "Predictor")[1],
            ["2", "stage 2, out-of-sample", "1", "–", "–", "15.0%"],
        )

    @parameterized.parameters((0, 0), (1, 0))
    def test_a_run_without_a_score(self, num_stages, num_evaluations):
        text = self.report(
            stages=fake_run.STAGES[:num_stages],
            evaluations=fake_run.EVALUATIONS[:num_evaluations],
        )
        self.assertIn("No candidate has a score yet.", text)
        self.assertCountEqual(
            os.listdir(self.directory), ["report.md", "candidates.csv"]
        )
        self.assertNotIn("<img", text)

    def test_a_stage_that_is_predicted_and_not_yet_trained(self):
        text = self.report(evaluations=fake_run.EVALUATIONS[:4])
        self.assertEqual(
            self.rows(text, "Predictor")[1],
            ["2", "stage 2, out-of-sample", "0", "–", "–", "–"],
        )
        self.assertNotIn("predictions.png", os.listdir(self.directory))

    def test_a_random_search_has_no_predictor(self):
        text = self.report(
            stages=fake_run.STAGES[:1],
            evaluations=fake_run.EVALUATIONS[:4],
            config=fake_run.experiment(search_strategy="random"),
        )
        self.assertNotIn("## Predictor", text)
        self.assertIn("Status: searched:", text)

    def test_a_later_report_takes_the_place_of_an_earlier_one(self):
        run_dir = self.create_tempdir().full_path
        fake_run.write_run(run_dir, evaluations=fake_run.EVALUATIONS[:4])
        write_run_report(read_run(run_dir), run_dir)
        fake_run.write_run(run_dir, stages=(), evaluations=fake_run.EVALUATIONS[4:])
        path = write_run_report(read_run(run_dir), run_dir)
        with open(path, encoding="utf-8") as file:
            self.assertIn("Status: searched", file.read())


def _failing_stage(count: int):
    genomes = tuple(one_block_genomes()[: count + 1])
    stage = Stage(
        number=1, genomes=genomes, num_expanded=count + 1, num_distinct=count + 1
    )
    evaluations = [
        fake_run.failure(genome, f"reason {index}")
        for index, genome in enumerate(genomes[1:])
    ]
    return [stage], [*evaluations, fake_run.success(genomes[0], 0.5, 1, 1.0)]


if __name__ == "__main__":
    absltest.main()
