import dataclasses
import os
import shutil
import time
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf import __version__
from autometa_tf.experiments import begun_with
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import Cell, Conv4
from autometa_tf.search.state import Stage

CELL = Cell(Genome((Block(0, "identity", 1, "conv3x3"),)))
EXPERIMENT = ExperimentConfig.from_preset(num_filters=7)
SUMMARY = RunSummary(
    network=CELL,
    num_parameters=3,
    accuracy=SplitAccuracy(
        transductive=Score(mean=0.5, ci95=0.25, num_episodes=2),
        non_transductive=Score(mean=0.25, ci95=0.125, num_episodes=2),
    ),
)


@dataclasses.dataclass(frozen=True)
class Data:
    """Stands for a fingerprint."""

    digest: str = "abc"


class RunDirectoryTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = RunDirectory.make(self.create_tempdir().full_path)

    def begin(self, network=None, **changes):
        self.run_dir.begin(EXPERIMENT.with_fields(**changes), network, Data())

    def edit_config(self, **changes):
        config = read_json(self.run_dir.config_path)
        write_json(self.run_dir.config_path, config | changes)

    def test_a_folder_that_cannot_be_made_is_a_clear_error(self):
        file = self.create_tempfile("file").full_path
        with self.assertRaisesRegex(ValueError, "`run_dir` must be a folder"):
            RunDirectory.make(os.path.join(file, "run"))

    def test_what_a_run_was_begun_with_comes_back(self):
        self.begin()
        self.assertEqual(self.run_dir.experiment, EXPERIMENT)
        self.assertEqual(self.run_dir.read_config()["data"], {"digest": "abc"})
        self.assertEqual(self.run_dir.read_config()["version"], __version__)

    @parameterized.parameters(CELL, Conv4())
    def test_what_is_trained_comes_back(self, network):
        self.begin(network)
        self.assertEqual(self.run_dir.network, network)

    def test_a_run_goes_on_with_the_same(self):
        self.begin()
        before = self.run_dir.read_config()
        self.begin()
        self.assertEqual(self.run_dir.read_config(), before)

    @parameterized.parameters(None, CELL)
    def test_a_run_of_a_version_with_fewer_fields_goes_on(self, network):
        self.begin(network)
        experiment = EXPERIMENT.to_json()
        del experiment["search"]["max_multiply_adds"]
        del experiment["full_training"]["pretraining_epochs"]
        self.edit_config(experiment=experiment)
        self.begin(network)
        self.assertEqual(self.run_dir.experiment, EXPERIMENT)
        with self.assertRaisesRegex(ValueError, "epochs: 0 stored, 3 given"):
            self.begin(network, pretraining_epochs=3)

    def test_another_experiment_is_refused_by_the_fields_that_differ(self):
        self.begin()
        with self.assertRaisesRegex(
            ValueError, "experiment.network.num_filters: 7 stored, 8 given"
        ):
            self.begin(num_filters=8)
        with self.assertRaisesRegex(ValueError, "network: .*None stored, conv4 given"):
            self.begin(network=Conv4())

    def test_where_data_lie_and_what_only_rounds_may_differ_and_is_kept(self):
        self.begin()
        self.begin(
            data_dir="/elsewhere",
            num_parallel_episodes=2,
            strategy="mirrored",
            max_consecutive_failures=3,
        )
        now = self.run_dir.experiment
        self.assertEqual(now.data.data_dir, "/elsewhere")
        self.assertEqual(now.computation.num_parallel_episodes, 2)

    def test_a_search_goes_on_with_more_and_keeps_how_it_had_ended(self):
        self.begin(beam_size=5)
        self.run_dir.write_genome(CELL)
        ended = self.run_dir.write_summary(SUMMARY)
        self.begin(beam_size=7)
        self.assertEqual(self.run_dir.experiment.search.beam_size, 7)
        self.assertIsNone(self.run_dir.summary)
        (record,) = self.run_dir.read_config()["grown_from"]
        self.assertEqual(RunSummary.from_json(record["summary"]), ended)
        self.assertEqual(record["fields"], {"search.beam_size": 5})
        self.assertIn("command", record["begun_with"])

    def test_with_other_data_it_stays_as_it_was(self):
        self.begin(beam_size=5)
        self.run_dir.begin(EXPERIMENT.with_fields(beam_size=7), None, Data("other"))
        self.assertEqual(self.run_dir.experiment.search.beam_size, 5)

    def test_a_training_does_not_ask_how_one_would_search(self):
        self.begin(CELL)
        self.begin(CELL, beam_size=3, outer_iterations=5, predictor_cell_size=2)
        self.assertEqual(self.run_dir.experiment, EXPERIMENT)
        with self.assertRaisesRegex(ValueError, "final_outer_iterations"):
            self.begin(CELL, final_outer_iterations=5)

    def test_a_search_without_its_configuration_is_not_taken_over(self):
        with self.run_dir.open_store() as store:
            self.begin()  # Nothing was searched yet.
            store.add_stage(
                Stage(number=1, genomes=(CELL.genome,), num_expanded=1, num_distinct=1)
            )
        os.unlink(self.run_dir.config_path)
        with self.assertRaisesRegex(ValueError, "config.json beside its search.sqlite"):
            self.begin()


class BeginTest(parameterized.TestCase):
    """When a run was begun, and how long it took."""

    def setUp(self):
        super().setUp()
        self.run_dir = RunDirectory.make(self.create_tempdir().full_path)

    def begin(self, seconds_ago: float):
        with mock.patch.object(begun_with, "STARTED", time.time() - seconds_ago):
            self.run_dir.begin(EXPERIMENT, CELL, Data())

    def seconds(self, summary=SUMMARY):
        return self.run_dir.write_summary(summary).wall_seconds

    def test_the_begin_is_a_value_wherever_files_are_copied(self):
        self.begin(1000)
        os.utime(self.run_dir.config_path, (1, 1))
        copy = os.path.join(self.create_tempdir().full_path, "copy")
        shutil.copytree(self.run_dir, copy)
        self.assertAlmostEqual(
            RunDirectory(copy).begun_at, time.time() - 1000, delta=300
        )
        self.assertAlmostEqual(self.seconds(), 1000, delta=300)

    @parameterized.parameters(-5000, 5000)
    def test_a_clock_that_is_set_meanwhile_does_not_matter(self, jump):
        self.begin(1000)
        with mock.patch.object(time, "time", return_value=time.time() + jump):
            self.assertAlmostEqual(self.seconds(), 1000, delta=300)

    def test_a_begin_in_the_future_counts_as_now(self):
        self.begin(-5000)
        self.assertBetween(self.seconds(), 0, 300)

    def test_a_run_that_has_ended_takes_no_longer(self):
        self.begin(1000)
        ended = dataclasses.replace(SUMMARY, wall_seconds=70.5)
        write_json(self.run_dir.summary_path, ended.to_json())
        self.assertEqual(self.seconds(), 70.5)
        other = dataclasses.replace(SUMMARY, num_parameters=4)
        self.assertGreater(self.seconds(other), 900 - 300)

    @parameterized.parameters(({},), ({"time": "noon"},), (3,), (None,))
    def test_a_damaged_begin_is_a_clear_error(self, begun):
        self.begin(0)
        config = self.run_dir.read_config() | {"begun_with": begun}
        write_json(self.run_dir.config_path, config)
        with self.assertRaisesRegex(ValueError, "must have a `time`"):
            self.run_dir.begun_at  # noqa: B018


class EndTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = RunDirectory.make(self.create_tempdir().full_path)
        self.run_dir.begin(EXPERIMENT, None, Data())

    def test_a_search_that_has_not_ended_has_no_network(self):
        with self.assertRaisesRegex(ValueError, "whose search has not ended"):
            self.run_dir.network  # noqa: B018
        self.assertIsNone(self.run_dir.summary)

    def test_what_was_found_comes_back(self):
        self.run_dir.write_genome(CELL)
        self.assertEqual(self.run_dir.network, CELL)
        self.run_dir.write_summary(SUMMARY)
        found = self.run_dir.summary
        self.assertEqual(dataclasses.replace(found, wall_seconds=0.0), SUMMARY)

    def test_conv4_leaves_no_genome(self):
        self.run_dir.write_genome(Conv4())
        self.assertFalse(os.path.exists(self.run_dir.genome_path))

    def test_class_names_come_back(self):
        self.assertEqual(self.run_dir.class_names, {})
        self.run_dir.write_class_names({"train": ("a", "b"), "test": ("c",)})
        self.assertEqual(self.run_dir.class_names, {"train": ["a", "b"], "test": ["c"]})

    def test_every_file_lies_within_the_folder(self):
        names = [name for name in dir(RunDirectory) if name.endswith("_path")]
        self.assertLen(names, 14)
        for name in names:
            path = getattr(self.run_dir, name)
            self.assertStartsWith(path, self.run_dir.path + os.sep)


if __name__ == "__main__":
    absltest.main()
