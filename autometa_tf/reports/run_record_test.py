import dataclasses
import os
import pathlib

from absl.testing import absltest, parameterized

from autometa_tf.experiments.json_file import write_json
from autometa_tf.reports.run_record import (
    RunRecord,
    read_run,
    with_distinct_names,
)
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import STORE_FILE_NAME
from autometa_tf.testing import fake_run


class ReadRunTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = os.path.join(self.create_tempdir().full_path, "first-run")

    def write(self, **kwargs):
        fake_run.write_run(self.run_dir, **kwargs)

    def test_reads_what_the_search_has_written(self):
        self.write(summary=fake_run.SUMMARY)
        record = read_run(self.run_dir)
        self.assertEqual(record.name, "first-run")
        self.assertEqual(record.experiment, fake_run.experiment())
        self.assertEqual(record.state.stages, fake_run.STAGES)
        self.assertEqual(record.evaluations, fake_run.EVALUATIONS)
        self.assertEqual(record.summary, fake_run.SUMMARY)

    def test_reads_a_run_that_has_just_begun(self):
        self.write(stages=(), evaluations=())
        record = read_run(self.run_dir)
        self.assertEqual(record.state, SearchState())
        self.assertEqual(record.evaluations, ())
        self.assertIsNone(record.summary)

    def test_reads_a_run_while_its_driver_is_at_work(self):
        run = fake_run.write_run(self.run_dir, stages=(), evaluations=())
        with run.open_store() as store:
            store.add_stage(fake_run.STAGES[0])
            store.add_evaluation(fake_run.EVALUATIONS[0])
            record = read_run(self.run_dir)
        self.assertEqual(record.evaluations, fake_run.EVALUATIONS[:1])

    def test_changes_nothing(self):
        self.write(summary=fake_run.SUMMARY)

        def content():
            return {
                entry.name: (
                    entry.stat().st_mtime_ns,
                    pathlib.Path(entry.path).read_bytes(),
                )
                for entry in os.scandir(self.run_dir)
            }

        before = content()
        read_run(self.run_dir)
        self.assertEqual(content(), before)

    def test_leaves_out_evaluations_with_another_seed_or_budget(self):
        evaluation = fake_run.EVALUATIONS[0]
        others = [
            dataclasses.replace(
                evaluation, key=dataclasses.replace(evaluation.key, **fields)
            )
            for fields in (
                {"seed": fake_run.SEED + 1},
                {"outer_iterations": 2000, "rung": 2000},
            )
        ]
        self.write(evaluations=[*others, evaluation])
        self.assertEqual(read_run(self.run_dir).evaluations, (evaluation,))

    @parameterized.parameters("", "no/such/folder", "first-run")
    def test_a_folder_without_a_search_is_refused(self, name):
        folder = os.path.join(os.path.dirname(self.run_dir), name)
        with self.assertRaisesRegex(ValueError, "no search has begun there"):
            read_run(folder)
        self.assertFalse(os.path.exists(os.path.join(folder, STORE_FILE_NAME)))

    def test_a_damaged_store_is_refused(self):
        self.write()
        path = os.path.join(self.run_dir, STORE_FILE_NAME)
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)
        with self.assertRaisesRegex(ValueError, "it is damaged"):
            read_run(self.run_dir)

    def test_an_evaluation_of_no_stage_is_refused(self):
        self.write(stages=fake_run.STAGES[:1])
        with self.assertRaisesRegex(ValueError, "must be of a stage's candidate"):
            read_run(self.run_dir)

    def test_a_damaged_configuration_is_refused(self):
        run = fake_run.write_run(self.run_dir)
        config = run.read_config()
        del config["experiment"]["reptile"]
        write_json(run.config_path, config)
        with self.assertRaisesRegex(ValueError, "must .*without reptile"):
            read_run(self.run_dir)

    @parameterized.parameters(
        "",
        "{",
        "[]",
        "[" * 100_000,
        "\N{SNOWMAN}",
        "{}",
        '{"num_parameters": 1, "wall_seconds": 1, "test_accuracy": {}}',
        '{"num_parameters": Infinity, "wall_seconds": 1, "test_accuracy": 1}',
    )
    def test_a_damaged_summary_is_refused(self, text):
        self.write()
        with open(os.path.join(self.run_dir, "summary.json"), "w") as file:
            file.write(text)
        with self.assertRaisesRegex(ValueError, "summary.* must"):
            read_run(self.run_dir)


class RunRecordTest(parameterized.TestCase):
    @parameterized.parameters(
        ("pnas", 2, 7, True),
        ("pnas", 2, 6, False),
        ("pnas", 1, 4, False),
        ("random", 1, 4, True),
        ("random", 1, 3, False),
    )
    def test_a_search_is_over_when_all_its_stages_are(
        self, strategy, num_stages, num_evaluations, expected
    ):
        evaluations = fake_run.EVALUATIONS[:num_evaluations]
        record = RunRecord(
            name="run",
            experiment=fake_run.experiment(search_strategy=strategy),
            command="",
            state=SearchState(
                stages=fake_run.STAGES[:num_stages],
                evaluations={found.genome: found for found in evaluations},
            ),
            all_evaluations=evaluations,
        )
        self.assertEqual(record.search_is_over, expected)
        # Once it is decided who the finalists are, there are no more stages.
        state = dataclasses.replace(record.state, num_finalists=0)
        self.assertTrue(dataclasses.replace(record, state=state).stages_are_over)


class DistinctNamesTest(parameterized.TestCase):
    @parameterized.parameters(
        (["/runs/a", "/runs/b"], ["a", "b"]),
        (["/runs/a/x", "/runs/b/x/"], ["a/x", "b/x"]),
        (["/runs/a", "/runs/a/b"], ["a", "a/b"]),
    )
    def test_names_tell_runs_apart(self, run_dirs, expected):
        record = RunRecord(
            name="",
            experiment=fake_run.experiment(),
            command="",
            state=SearchState(),
            all_evaluations=(),
        )
        records = with_distinct_names([record, record], run_dirs)
        self.assertEqual([named.name for named in records], expected)

    def test_the_same_folder_twice_is_refused(self):
        with self.assertRaisesRegex(ValueError, "must differ. Received: /a, /a/"):
            with_distinct_names([], ["/a", "/a/"])


if __name__ == "__main__":
    absltest.main()
