from unittest import mock

import numpy as np
from absl.testing import absltest, parameterized

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
CLASSES = tiny_classes(6, 10)  # 60 images: an epoch of pre-training is one batch.
EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    image_size=8,
    final_outer_iterations=3,
    num_filters=8,
    ways=2,
    shots=1,
    train_shots=2,
    inner_iterations=2,
    inner_batch_size=2,
    meta_batch_size=2,
    num_parallel_episodes=two_or_one(),
    final_inner_learning_rate=0.001,
    seed=5,
)
PRETRAINED = EXPERIMENT.with_fields(pretraining_epochs=3)


class Killed(Exception):
    """Stands for whatever ends a process."""


def _by_hand(experiment):
    """What is carried on at the end, without a run directory."""
    config = experiment.final
    learner = make_learner(make_model(NETWORK, config, two_or_one()), config, CLASSES)
    if num_epochs := experiment.full_training.pretraining_epochs:
        slots = learner.slots()
        first = head_weights(learner.model.model, two_or_one()).start
        body, head = np.split(slots.weights, [first])
        model = make_model(NETWORK, config, 1, ways=6)
        classifier = ClassificationLearner(
            model,
            CLASSES,
            config.reptile,
            num_epochs=num_epochs,
            seed=5,
            weights=np.concatenate([body, model.initial_weights()[first:]]),
        )
        classifier.run(3)
        trained = classifier.slots().weights[:first]
        assert not np.allclose(trained, body, atol=1e-3)
        learner.restore(slots._replace(weights=np.concatenate([trained, head])))
    learner.run(3)
    return learner.slots()


class MetaTrainingTest(parameterized.TestCase):
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

    def train(self, experiment, killed_at=None):
        told = []

        def report(progress):
            told.append(progress)
            if killed_at == (progress.phase, progress.done):
                raise Killed

        train_learner(NETWORK, experiment, CLASSES, self.run_dir, report)
        return told

    @parameterized.parameters(
        (EXPERIMENT, [("training", 1), ("training", 2)]),
        (
            PRETRAINED,
            # Within pre-training, and between its end and the first checkpoint after.
            [("pretraining", 1), ("pretraining", 3), ("training", 2)],
        ),
    )
    def test_it_goes_on_wherever_it_is_killed(self, experiment, kills):
        for killed_at in kills:
            with self.assertRaises(Killed):
                self.train(experiment, killed_at)
        told = self.train(experiment)
        self.assertEqual([(each.phase, each.done) for each in told], [("training", 3)])
        learner = restored_learner(NETWORK, experiment.final, CLASSES, self.run_dir)
        expected = _by_hand(experiment)._asdict()
        for name, value in learner.slots()._asdict().items():
            np.testing.assert_allclose(
                value, expected[name], rtol=1e-5, atol=1e-6, err_msg=name
            )

    def test_tells_how_far_it_is(self):
        told = self.train(PRETRAINED)
        self.assertEqual(
            [(each.phase, each.done, each.total) for each in told],
            [(name, i, 3) for name in ("pretraining", "training") for i in (1, 2, 3)],
        )
        self.assertEqual(told[-1].seconds_left, 0)


if __name__ == "__main__":
    absltest.main()
