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
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
CLASSES = tiny_classes(image_shape=(16, 16, 1))
EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    image_size=16,
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
)


class Killed(Exception):
    """Stands for whatever ends a process."""


def _at_once():
    """What is carried on at the end, without a run directory."""
    config = EXPERIMENT.final
    model = make_model(NETWORK, config, two_or_one())
    learner = make_learner(model, config, CLASSES)
    learner.run(5)
    return learner.slots()


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

    def test_it_goes_on_wherever_it_is_killed(self):
        for killed_at in (1, 3):
            with self.assertRaises(Killed):
                self.train(killed_at=killed_at)
        told = self.train()
        self.assertEqual([each.done for each in told], [4, 5])
        self.assertEqual(told[-1].seconds_left, 0)
        learner = restored_learner(NETWORK, EXPERIMENT.final, CLASSES, self.run_dir)
        expected = _at_once()._asdict()
        for name, value in learner.slots()._asdict().items():
            np.testing.assert_allclose(value, expected[name], rtol=1e-6, err_msg=name)


if __name__ == "__main__":
    absltest.main()
