import dataclasses
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.candidates.candidate import make_learner, make_model
from autometa_tf.experiments import meta_training, training_calls
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.meta_training import restored_learner, train_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.networks.network_kinds import Cell, Conv4
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
CLASSES = tiny_classes(image_shape=(16, 16, 1))
# Two outer iterations of 8x8 pixels, then three of 16x16.
EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    image_size=16,
    first_image_size=8,
    first_image_fraction=0.4,
    final_outer_iterations=5,
    num_filters=8,
    ways=2,
    shots=1,
    train_shots=2,
    inner_iterations=2,
    inner_batch_size=2,
    meta_batch_size=2,
    num_parallel_episodes=two_or_one(),
    final_inner_learning_rate=0.001,
    weight_average_decay=0.5,
)


class Killed(Exception):
    """Stands for whatever ends a process."""


def _step_by_step():
    """What is carried on at the end, by hand."""
    shrunk = CLASSES.images.reshape(-1, 8, 2, 8, 2, 1).astype(float).mean(axis=(2, 4))
    slots = None
    for config, images, num_iterations in (
        (EXPERIMENT.first_part, np.round(shrunk).astype(np.uint8), 2),
        (EXPERIMENT.final, CLASSES.images, 3),
    ):
        model = make_model(NETWORK, config, two_or_one())
        train = dataclasses.replace(CLASSES, images=images)
        learner = make_learner(model, config, train)
        if slots:
            learner.restore(slots)
        learner.run(num_iterations)
        slots = learner.slots()
    return slots


class MetaTrainingTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = RunDirectory(self.create_tempdir().full_path)

    def train(self, experiment=EXPERIMENT, killed_at=None):
        told = []

        def report(progress):
            told.append(progress)
            if progress.done == killed_at:
                raise Killed

        # One iteration a call, and a checkpoint after each.
        with (
            mock.patch.object(training_calls, "_SECONDS_PER_CALL", 0),
            mock.patch.object(
                LearnerCheckpoints, "save_when_due", LearnerCheckpoints.save
            ),
        ):
            train_learner(NETWORK, experiment, CLASSES, self.run_dir, report)
        return told

    def test_the_first_part_hands_all_on_wherever_it_is_killed(self):
        for killed_at in (1, 2, 4):  # Within each part, and between them.
            with self.assertRaises(Killed):
                self.train(killed_at=killed_at)
        told = self.train()
        self.assertEqual([each.done for each in told], [5])
        learner = restored_learner(NETWORK, EXPERIMENT.final, CLASSES, self.run_dir)
        expected = _step_by_step()._asdict()
        for name, value in learner.slots()._asdict().items():
            np.testing.assert_allclose(value, expected[name], rtol=1e-6, err_msg=name)

    def test_without_a_first_part_all_images_are_whole(self):
        experiment = EXPERIMENT.with_fields(first_image_size=0)
        with mock.patch.object(meta_training, "shrunk_classes") as shrunk:
            told = self.train(experiment)
        shrunk.assert_not_called()
        self.assertEqual([each.done for each in told], [1, 2, 3, 4, 5])
        self.assertEqual(told[-1].seconds_left, 0)

    def test_weights_for_one_size_of_images_have_no_first_part(self):
        experiment = EXPERIMENT.with_fields(image_size=56, first_image_size=32)
        classes = tiny_classes(image_shape=(56, 56, 1))
        with self.assertRaisesRegex(ValueError, "must be 0 .* conv4's are. .*: 32"):
            train_learner(Conv4(), experiment, classes, self.run_dir, print)


if __name__ == "__main__":
    absltest.main()
