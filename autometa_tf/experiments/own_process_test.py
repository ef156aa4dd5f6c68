"""The public jobs, called as a script calls them, which has used TensorFlow already."""

import json
import os
import sys

from absl.testing import absltest

from autometa_tf.experiments.events import TrainingProgress
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.own_process import (
    evaluate,
    evaluate_protocols,
    search_cell,
    train,
)
from autometa_tf.networks.network_kinds import Conv4
from autometa_tf.testing.tiny_runs import TINY_FIELDS
from autometa_tf.workers.workers_config import WorkersConfig


class OwnProcessTest(absltest.TestCase):
    def test_a_training_ends_with_its_summary_and_can_be_scored_on(self):
        config = ExperimentConfig.from_preset(**TINY_FIELDS)
        folder = os.path.join(self.create_tempdir().full_path, "run")
        events = []
        run = train(Conv4(), config, folder, report=events.append)
        self.assertEqual(run.path, folder)
        self.assertEqual(run.network, Conv4())
        with open(os.path.join(folder, "summary.json")) as file:
            self.assertEqual(run.summary.to_json(), json.load(file))
        self.assertIn(run.summary, events)
        self.assertIn(os.path.basename(sys.argv[0]), run.command)
        done = [e.done for e in events if isinstance(e, TrainingProgress)]
        self.assertEqual(max(done), 30)
        more = evaluate(run, 35, report=events.append)
        self.assertEqual(more.transductive.num_episodes, 35)
        own, other = evaluate_protocols(
            run,
            [{}, {"final_split": "validation", "queries_per_class": 15}],
            report=events.append,
        )
        self.assertEqual(own, run.summary.accuracy)
        self.assertEqual(other.split, "validation")
        self.assertEqual([each["split"] for each in run.scored][-1], "validation")

    def test_errors_come_through(self):
        config = ExperimentConfig.from_preset(**TINY_FIELDS)
        file = self.create_tempfile("file").full_path
        with self.assertRaisesRegex(ValueError, "`run_dir` must be a folder"):
            search_cell(config, file, WorkersConfig(num_workers=0), report=print)


if __name__ == "__main__":
    absltest.main()
