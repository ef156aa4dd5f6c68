"""The public jobs, called as a script calls them, which has used TensorFlow already."""

import json
import os
import sys

import numpy as np
from absl.testing import absltest

from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments.events import TrainingProgress
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.learner_folder import read_card
from autometa_tf.experiments.load_learner import load_learner
from autometa_tf.experiments.own_process import (
    evaluate,
    evaluate_protocols,
    release_learner,
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
        self._check_the_release(run, more)

    def _check_the_release(self, run, accuracy):
        folder = os.path.join(self.create_tempdir().full_path, "tiny-1shot")
        protocols = [{"num_test_episodes": 35}, {"shots": 2}]
        release_learner(run, folder, protocols, report=lambda event: None)
        card = read_card(folder)
        own, other = card.scores
        self.assertEqual(own.transductive, accuracy.transductive)
        self.assertEqual((own.shots, other.shots), (1, 2))
        self.assertEqual(card.outer_iterations, 30)
        self.assertNotIn(run.path, card.command)
        self._check_another_adaptation(run, own)
        images = load_dataset("glyphs", image_size=8).test.class_images(0)[:3]
        released = load_learner(folder).fit(images, [0, 1, 2])
        exported = load_learner(run).fit(images, [0, 1, 2])
        np.testing.assert_allclose(
            released.predict_proba(images), exported.predict_proba(images), atol=1e-4
        )

    def _check_another_adaptation(self, run, own):
        folder = os.path.join(self.create_tempdir().full_path, "tiny-slowly")
        adaptation = {
            "scoring_inner_iterations": own.inner_iterations + 1,
            "scoring_support_passes": 1000,
            "scoring_inner_learning_rate": own.inner_learning_rate / 2,
        }
        release_learner(run, folder, adaptation=adaptation, report=lambda event: None)
        card = read_card(folder)
        (score,) = card.scores
        self.assertEqual(card.adaptation.inner_iterations, own.inner_iterations + 1)
        self.assertEqual(card.adaptation.support_passes, 1000)
        images = 1000 * score.ways * score.shots
        self.assertEqual(score.inner_iterations, -(-images // score.inner_batch_size))
        for each in (score, card.adaptation.adam):
            self.assertEqual(each.inner_learning_rate, own.inner_learning_rate / 2)
        with self.assertRaisesRegex(ValueError, "`shots` must be 1"):
            release_learner(run, folder, adaptation={"shots": 5})

    def test_a_release_has_a_name(self):
        with self.assertRaisesRegex(ValueError, "`folder` must be named with small"):
            release_learner("run", "My Learner")

    def test_errors_come_through(self):
        config = ExperimentConfig.from_preset(**TINY_FIELDS)
        file = self.create_tempfile("file").full_path
        with self.assertRaisesRegex(ValueError, "`run_dir` must be a folder"):
            search_cell(config, file, WorkersConfig(num_workers=0), report=print)

    def test_what_is_refused_leaves_no_folder(self):
        config = ExperimentConfig.from_preset(
            dataset="image_folder", image_folder="/nowhere"
        )
        run_dir = os.path.join(self.create_tempdir().full_path, "run")
        with self.assertRaisesRegex(ValueError, "nowhere"):
            train(Conv4(), config, run_dir)
        self.assertFalse(os.path.exists(run_dir))
        os.mkdir(run_dir)
        with self.assertRaisesRegex(ValueError, "nowhere"):
            train(Conv4(), config, run_dir)
        self.assertTrue(os.path.exists(run_dir))


if __name__ == "__main__":
    absltest.main()
