from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.candidates.candidate import make_learner, make_model
from autometa_tf.experiments import training_calls
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.meta_training import restored_learner, train_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.classification_learner import ClassificationLearner
from autometa_tf.networks.network import head_weights
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
CLASSES = tiny_classes(6, 10)  # 60 images, so an epoch is one batch.
EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    image_size=8,
    pretraining_epochs=3,
    final_outer_iterations=2,
    num_filters=8,
    ways=2,
    shots=1,
    train_shots=2,
    inner_iterations=2,
    inner_batch_size=2,
    meta_batch_size=2,
    num_parallel_episodes=two_or_one(),
    seed=5,
)


class Killed(Exception):
    """Stands for whatever ends a process."""


def _by_hand():
    """What is carried on at the end, without a run directory."""
    config = EXPERIMENT.final
    learner = make_learner(make_model(NETWORK, config, two_or_one()), config, CLASSES)
    slots = learner.slots()
    head = head_weights(learner.model.model, two_or_one())
    body = slots.weights[: head.start]
    model = make_model(NETWORK, config, 1, ways=6)
    classifier = ClassificationLearner(
        model, CLASSES, config.reptile, num_epochs=3, seed=5,
        weights=np.concatenate([body, model.initial_weights()[head.start :]]),
    )  # fmt: skip
    classifier.run(3)
    trained = classifier.slots().weights[: head.start]
    assert not np.allclose(trained, body, atol=1e-3)
    weights = np.concatenate([trained, slots.weights[head.start :]])
    learner.restore(slots._replace(weights=weights))
    learner.run(2)
    return learner.slots()


class PretrainingTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = RunDirectory(self.create_tempdir().full_path)
        # One iteration a call, and a checkpoint after each.
        self.enter_context(mock.patch.object(training_calls, "_SECONDS_PER_CALL", 0))
        self.enter_context(
            mock.patch.object(
                LearnerCheckpoints, "save_when_due", LearnerCheckpoints.save
            )
        )

    def train(self, experiment=EXPERIMENT, killed_at=None):
        told = []

        def report(progress):
            told.append((progress.phase, progress.done, progress.total))
            if killed_at == told[-1][:2]:
                raise Killed

        train_learner(NETWORK, experiment, CLASSES, self.run_dir, report)
        return told

    def test_its_body_begins_the_training_wherever_it_is_killed(self):
        for killed_at in (
            ("pretraining", 1),
            ("pretraining", 3),
            ("training", 1),
        ):
            with self.assertRaises(Killed):
                self.train(killed_at=killed_at)
        self.assertEqual(self.train(), [("training", 2, 2)])
        learner = restored_learner(NETWORK, EXPERIMENT.final, CLASSES, self.run_dir)
        expected = _by_hand()._asdict()
        for name, value in learner.slots()._asdict().items():
            np.testing.assert_allclose(
                value, expected[name], rtol=1e-5, atol=1e-6, err_msg=name
            )

    def test_tells_how_far_it_is(self):
        batches = [("pretraining", done, 3) for done in (1, 2, 3)]
        self.assertEqual(
            self.train(), [*batches, ("training", 1, 2), ("training", 2, 2)]
        )

    def test_without_epochs_there_is_none(self):
        told = self.train(EXPERIMENT.with_fields(pretraining_epochs=0))
        self.assertEqual(told, [("training", 1, 2), ("training", 2, 2)])


if __name__ == "__main__":
    absltest.main()
