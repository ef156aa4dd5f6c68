import dataclasses
import json
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments import full_training, meta_training
from autometa_tf.experiments.protocols import with_protocol
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.tiny_classes import tiny_classes
from benchmarks import recipe_runs
from benchmarks.recipe_rows import ROWS, experiment_of, test_protocol
from benchmarks.recipe_runs import measure, read_accuracies

_NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))


def _classes(seed):
    classes = tiny_classes(5, 10, (8, 8, 3), seed=seed)
    names = tuple(f"{name} of {seed}" for name in classes.class_names)
    return dataclasses.replace(classes, class_names=names)


class Killed(Exception):
    """Stands for whatever ends a process."""


class RecipeRunsTest(absltest.TestCase):
    def test_some_episodes_choose_others_are_scored_and_a_killed_one_goes_on(self):
        splits = ClassSplits(*map(_classes, range(3)))
        experiment = experiment_of(
            ROWS["decay"],
            seed=0,
            image_folder="images",
            image_size=8,
            num_filters=2,
            train_shots=5,
            scoring_inner_iterations=1,
            final_outer_iterations=2,
            num_test_episodes=3,
        )
        run = RunDirectory.make(self.create_tempdir().full_path)
        with mock.patch.object(full_training, "export_trained"):
            with (
                mock.patch.object(recipe_runs, "score_trained", side_effect=Killed),
                self.assertRaises(Killed),
            ):
                measure(_NETWORK, experiment, splits, run, num_scored=4)
            with mock.patch.object(meta_training, "train_part"):  # It has been trained.
                result = measure(_NETWORK, experiment, splits, run, num_scored=4)

        self.assertEqual(result, json.loads(json.dumps(result)))
        self.assertEqual(
            result["config"]["reptile"]["final_inner_learning_rate"], 0.001
        )
        self.assertNotIn("image_folder", result["config"]["data"])
        for shots, found in result["scores"].items():
            for rate, means in found["choosing"].items():
                protocol = test_protocol(int(shots), float(rate), 3)
                scored = with_protocol(experiment, protocol)
                path = run.accuracies_file(experiment, scored)
                self.assertEqual(read_accuracies(path, 3).mean(axis=0).tolist(), means)
                self.assertGreaterEqual(
                    found["choosing"][str(found["learning_rate"])][0], means[0]
                )
                if float(rate) == found["learning_rate"]:
                    accuracies = read_accuracies(path, 7)[3:]
                    np.testing.assert_array_equal(found["accuracies"], accuracies)

    def test_a_file_with_too_few_episodes_is_refused(self):
        path = self.create_tempfile(content="# title\nepisode,a,b\n0,0.5,0.25\n")
        np.testing.assert_array_equal(read_accuracies(path.full_path, 1), [[0.5, 0.25]])
        with self.assertRaisesRegex(ValueError, "episodes 0 to 1. Received: 1 lines"):
            read_accuracies(path.full_path, 2)


if __name__ == "__main__":
    absltest.main()
