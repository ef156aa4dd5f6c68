import dataclasses
import json
import os
import shutil
import tempfile
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.candidates.candidate import make_model, make_scorer
from autometa_tf.episodes.dataset import ClassSplits, empty_classes
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.experiments import full_training, run_data, training_calls
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import (
    score_trained,
    train_in_full,
    trained_learner,
)
from autometa_tf.experiments.protocols import with_protocol
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.exports.learner import Learner
from autometa_tf.exports.saved_model_scoring import SavedModelScorer
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    image_size=8,
    # 2 x 8 channels normalise in one operation, which is sooner traced than many.
    num_filters=8,
    ways=2,
    shots=1,
    train_shots=2,
    inner_iterations=2,
    inner_batch_size=2,
    meta_batch_size=2,
    scoring_inner_iterations=3,
    scoring_inner_batch_size=2,
    num_parallel_episodes=two_or_one(),
    final_outer_iterations=9,
    num_test_episodes=30,
)


def _classes(split, seed):
    classes = tiny_classes(seed=seed)
    names = tuple(f"{split} {name}" for name in classes.class_names)
    return dataclasses.replace(classes, class_names=names)


class Killed(Exception):
    """Stands for whatever ends a process."""


class FullTrainingTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.splits = ClassSplits(
            train=_classes("train", seed=1),
            validation=_classes("validation", seed=2),
            test=_classes("test", seed=3),
        )
        # One iteration a call.
        cls.enterClassContext(mock.patch.object(training_calls, "_SECONDS_PER_CALL", 0))
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.told = []
        cls.result = cls.train(cls.directory, report=cls.told.append)

    @classmethod
    def train(cls, directory, experiment=EXPERIMENT, **kwargs):
        run = RunDirectory(directory)
        run_data.begin_run(run, experiment, NETWORK, cls.splits)
        return train_in_full(NETWORK, experiment, cls.splits, run, **kwargs)

    def copy(self):
        """A copy of the run that has ended."""
        directory = os.path.join(self.create_tempdir().full_path, "run")
        shutil.copytree(self.directory, directory)
        return RunDirectory(directory)

    def score(self, run, *protocols, **kwargs):
        experiments = [with_protocol(EXPERIMENT, each) for each in protocols]
        return score_trained(NETWORK, experiments, self.splits, run, **kwargs)

    def test_it_ends_with_the_same_result_wherever_it_was_killed(self):
        disturbed = self.create_tempdir().full_path
        for phase, done in (("training", 6), ("scoring", 20)):

            def kill(progress, phase=phase, done=done):
                if (progress.phase, progress.done) == (phase, done):
                    raise Killed

            with self.assertRaises(Killed):
                self.train(disturbed, report=kill)
        with mock.patch.object(full_training, "export_trained") as export:  # As it was.
            self.assertEqual(self.train(disturbed), self.result)
        export.assert_called_once()

    def test_an_export_that_fails_leaves_the_one_before_and_no_half(self):
        directory = self.copy().path
        names = sorted(os.listdir(directory))

        def fail(module, folder):
            os.mkdir(folder)
            raise OSError(28, "No space left on device")

        with (
            mock.patch.object(Learner, "save", fail),
            self.assertRaises(OSError),
        ):
            self.train(directory)
        self.assertEqual(sorted(os.listdir(directory)), names)
        self.assertNotEmpty(os.listdir(os.path.join(directory, "saved_model", "1")))

    def test_it_tells_of_its_progress(self):
        told = self.told
        training = [p.done for p in told if p.phase == "training"]
        self.assertEqual(training, list(range(1, 10)))
        scoring = [(p.done, p.total) for p in told if p.phase == "scoring"]
        self.assertEqual(scoring[-1], (30, 30))
        self.assertEqual(told[-1].seconds_left, 0)

    def test_more_episodes_go_on_from_those_that_were_scored(self):
        run = self.copy()
        path = os.path.join(run, "test_accuracies.csv")
        with open(path) as file:
            before = file.read()
        told = []
        (result,) = self.score(run, {"num_test_episodes": 50}, report=told.append)
        self.assertEqual(result.transductive.num_episodes, 50)
        self.assertEqual(self.result.test_accuracy.transductive.num_episodes, 30)
        self.assertGreater(told[0].done, 30)
        with open(path) as file:
            self.assertStartsWith(file.read(), before)

    def test_an_unfinished_training_is_not_scored(self):
        run = RunDirectory(self.create_tempdir().full_path)
        run_data.begin_run(run, EXPERIMENT, NETWORK, self.splits)
        with self.assertRaisesRegex(ValueError, "trained for 9 outer iterations"):
            self.score(run, {})

    def test_each_protocol_is_scored_into_a_file_of_its_own_and_goes_on(self):
        run, told = self.copy(), []
        protocols = (
            {"queries_per_class": 3, "num_test_episodes": 40},
            {"final_split": "validation", "scoring_inner_learning_rate": 0.5},
            {},
        )
        results = self.score(run, *protocols, report=told.append)
        queries, validation, own = results
        self.assertEqual(own, self.result.accuracy)
        self.assertEqual(queries.transductive.num_episodes, 40)
        self.assertEqual((queries.split, validation.split), ("test", "validation"))
        self.assertEqual({event.split for event in told}, {"test", "validation"})
        files = [name for name in os.listdir(run) if name.endswith(".csv")]
        self.assertCountEqual(
            files,
            [
                "test_accuracies.csv",
                "test_accuracies-queries_per_class=3.csv",
                "validation_accuracies-scoring_inner_learning_rate=0.5.csv",
            ],
        )
        for name in files:
            with open(os.path.join(run, name)) as file:
                title = json.loads(file.readline().removeprefix("# "))
            self.assertStartsWith(name, title["split"])
        with mock.patch.object(full_training, "make_scorer") as make_scorer:
            self.assertEqual(self.score(run, *protocols), results)
        make_scorer.assert_not_called()

    def test_other_ways_are_scored_as_a_network_built_for_them_is(self):
        experiment = EXPERIMENT.with_fields(
            shared_head=True,
            class_balanced_batches=True,
            inner_beta1=0.5,
            final_outer_iterations=2,
        )
        run = RunDirectory(self.create_tempdir().full_path)
        run_data.begin_run(run, experiment, NETWORK, self.splits)
        train_in_full(NETWORK, experiment, self.splits, run)
        three = with_protocol(experiment, {"ways": 3})
        (result,) = score_trained(NETWORK, [three], self.splits, run)

        learner = trained_learner(NETWORK, three.computation, self.splits, run)
        state, size = learner.state(), learner.model.num_weights

        def of_three(vector):  # The head has 8 features and a bias.
            rows = vector.numpy()[size - 2 * 9 :].reshape(9, 2)
            columns = np.repeat(rows.mean(axis=1), 3)
            return tf.constant(np.concatenate([vector[: size - 2 * 9], columns]))

        moments = (
            of_three(state.adam.first_moments),
            of_three(state.adam.second_moments),
        )
        model = make_model(NETWORK, three.final, two_or_one())
        scorer = make_scorer(model, three.final, self.splits.test, "test")
        accuracies = scorer.accuracies(
            LearnerState(of_three(state.weights), AdamState(*moments, state.adam.step))
        )
        expected = summarize_accuracies(accuracies[:, 0])
        self.assertAlmostEqual(result.transductive.mean, expected.mean, delta=1e-6)
        self.assertEqual(run.scored[-1]["ways"], 3)

    def test_a_run_says_what_it_was_ever_scored_on_before_it_is(self):
        run = self.copy()
        before = [(each["split"], each["episodes"]) for each in run.scored]
        self.assertEqual(before, [("test", 30)])

        killed = mock.patch.object(full_training, "make_scorer", side_effect=Killed)
        with killed, self.assertRaises(Killed):
            self.score(run, {"final_split": "validation", "shots": 2})
        last = run.scored[-1]
        self.assertEqual((last["part"], last["split"]), ("final", "validation"))
        self.assertEqual((last["ways"], last["shots"]), (2, 2))

    def test_test_classes_are_not_needed_to_end_on_validation_classes(self):
        nobody = dataclasses.replace(
            self.splits, test=empty_classes(self.splits.image_shape)
        )
        run = RunDirectory(self.create_tempdir().full_path)
        experiment = EXPERIMENT.with_fields(
            final_split="validation", final_outer_iterations=1
        )
        run_data.begin_run(run, experiment, NETWORK, nobody)
        result = train_in_full(NETWORK, experiment, nobody, run)
        self.assertEqual(result.accuracy.split, "validation")
        self.assertIn("validation_accuracy", result.to_json())
        self.assertNotIn("test_accuracy", result.to_json())
        self.assertEqual([each["split"] for each in run.scored], ["validation"])

    def test_the_saved_model_is_of_tensorflows_operations_alone(self):
        path = os.path.join(self.directory, "saved_model", "1", "saved_model.pb")
        with open(path, "rb") as file:
            graph = file.read()
        self.assertIn(b"Conv2D", graph)
        self.assertNotIn(b"Autometa", graph)  # As all our kernels are called.

    def test_the_saved_model_scores_as_the_learner_does(self):
        result = self.result.test_accuracy
        scorer = SavedModelScorer(os.path.join(self.directory, "saved_model", "1"))
        self.assertEqual((scorer.ways, scorer.image_shape), (2, (8, 8, 1)))
        sampler = EpisodeSampler(
            self.splits.test, ways=2, images_per_class=2, seed=0, split="test"
        )
        told = []
        accuracies = scorer.accuracies(
            sampler, 30, on_progress=lambda partial: told.append(len(partial))
        )
        self.assertEqual(told, list(range(1, 31)))
        for column, score in enumerate((result.transductive, result.non_transductive)):
            mean = accuracies[:, column].mean()
            self.assertAlmostEqual(mean, score.mean, delta=2 * score.ci95 + 0.05)

    def test_the_training_loss_is_there_for_tensorboard(self):
        folder = os.path.join(self.directory, "tensorboard", "train")
        (name,) = os.listdir(folder)
        steps = [
            event.step
            for event in tf.compat.v1.train.summary_iterator(os.path.join(folder, name))
            for value in event.summary.value
            if value.tag == "training_loss"
        ]
        self.assertEqual(steps, list(range(1, 10)))

    def test_the_accuracies_name_what_was_scored(self):
        with open(os.path.join(self.directory, "test_accuracies.csv")) as file:
            title = json.loads(file.readline().removeprefix("# "))
        self.assertEqual(title["genome"]["blocks"], [[0, "conv3x3", 1, "identity"]])
        self.assertEqual(title["config"]["reptile"]["outer_iterations"], 9)


if __name__ == "__main__":
    absltest.main()
