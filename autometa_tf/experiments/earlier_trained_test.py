import os
from unittest import mock

from absl.testing import absltest

from autometa_tf.experiments import earlier_trained
from autometa_tf.experiments.earlier_trained import exchange_trained
from autometa_tf.experiments.json_file import read_json, write_json

_NAMES = ("pretraining", "checkpoints", "saved_model", "test_accuracies.csv")


class EarlierTrainedTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.create_tempdir("a [run]").full_path

    def train(self, genome):
        """What a run's end leaves, after the exchange."""
        exchange_trained(self.folder, genome)
        write_json(os.path.join(self.folder, "genome.json"), genome)
        for name in _NAMES:
            with open(os.path.join(self.folder, name), "a") as file:
                file.write(genome)

    def trained(self, *place):
        """What of the training a folder has."""
        found = []
        for name in _NAMES:
            path = os.path.join(self.folder, *place, name)
            if os.path.exists(path):
                with open(path) as file:
                    found.append(file.read())
        return found

    def test_of_the_same_cell_all_stays(self):
        self.train("a")
        exchange_trained(self.folder, "a")
        self.assertEqual(self.trained(), ["a"] * 4)

    def test_of_another_cell_all_is_kept_and_comes_back(self):
        self.train("a")
        self.train("b")
        self.train("c")
        self.assertEqual(self.trained(), ["c"] * 4)
        self.assertEqual(self.trained("earlier", "1"), ["a"] * 4)
        self.assertEqual(self.trained("earlier", "2"), ["b"] * 4)
        exchange_trained(self.folder, "a")
        self.assertEqual(self.trained(), ["a"] * 4)
        self.assertEqual(read_json(os.path.join(self.folder, "genome.json")), "a")
        self.assertEqual(self.trained("earlier", "3"), ["c"] * 4)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "earlier", "1")))

    def test_killed_between_any_two_moves_it_goes_on(self):
        for num_moves in range(10):
            self.folder = self.create_tempdir().full_path
            self.train("a")
            self.train("b")
            self._exchange_until(num_moves)
            exchange_trained(self.folder, "a")
            self.assertEqual(self.trained(), ["a"] * 4)
            self.assertEqual(self.trained("earlier", "2"), ["b"] * 4)

    def _exchange_until(self, num_moves):
        moves, rename = 0, os.rename

        def move(source, target):
            nonlocal moves
            if moves == num_moves:
                raise KeyboardInterrupt
            moves += 1
            rename(source, target)

        with mock.patch.object(earlier_trained.os, "rename", move):
            with self.assertRaises(KeyboardInterrupt):
                exchange_trained(self.folder, "a")


if __name__ == "__main__":
    absltest.main()
