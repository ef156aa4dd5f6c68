"""The public jobs, called as a script calls them, which has used TensorFlow already."""

import json
import os

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
from autometa_tf.workers.workers_config import WorkersConfig

TINY = {
    "image_size": 8,
    "num_filters": 16,  # So that normalisation is one operation to trace, not sixty.
    "outer_iterations": 1,
    "inner_iterations": 1,
    "scoring_inner_iterations": 2,
    "num_scoring_episodes": 4,
    "num_parallel_episodes": 1,
    "final_outer_iterations": 10,
    "num_test_episodes": 20,
}


class OwnProcessTest(absltest.TestCase):
    def test_a_training_ends_with_its_summary_and_can_be_scored_on(self):
        config = ExperimentConfig.from_preset(**TINY)
        folder = os.path.join(self.create_tempdir().full_path, "run")
        events = []
        run = train(Conv4(), config, folder, report=events.append)
        self.assertEqual(run.path, folder)
        self.assertEqual(run.network, Conv4())
        with open(os.path.join(folder, "summary.json")) as file:
            self.assertEqual(run.summary.to_json(), json.load(file))
        self.assertIn(run.summary, events)
        done = [e.done for e in events if isinstance(e, TrainingProgress)]
        self.assertEqual(max(done), 20)
        more = evaluate(run, 25, report=events.append)
        self.assertEqual(more.transductive.num_episodes, 25)
        own, other = evaluate_protocols(
            run,
            [{}, {"final_split": "validation", "queries_per_class": 15}],
            report=events.append,
        )
        self.assertEqual(own, run.summary.accuracy)
        self.assertEqual(other.split, "validation")
        self.assertEqual([each["split"] for each in run.scored][-1], "validation")

    def test_errors_come_through(self):
        config = ExperimentConfig.from_preset(**TINY, dataset="omniglot", data_dir="/x")
        file = self.create_tempfile("file").full_path
        with self.assertRaisesRegex(ValueError, "`run_dir` must be a folder"):
            search_cell(config, file, WorkersConfig(num_workers=0), report=print)


if __name__ == "__main__":
    absltest.main()
