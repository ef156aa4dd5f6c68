import json
import os
import pathlib
import shutil

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.experiments.learner_card import LearnerCard
from autometa_tf.experiments.learner_folder import (
    TrainedLearner,
    is_learner_folder,
    read_card,
    read_learner,
    write_learner,
)
from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.exports.learner import Learner, load_saved_learner
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell

_NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
_TASK = Task(image_shape=(8, 8, 1), ways=3)
_CONFIG = NetworkConfig(num_filters=16)
_ADAPTATION = Adaptation(
    inner_iterations=3,
    inner_batch_size=3,
    adam=AdamConfig(),
    class_balanced_batches=True,
    shared_head=True,
)


def _changed_json(name, **fields):
    def change(folder):
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return change


def _changed_array(name, change):
    def change_file(folder):
        arrays = dict(np.load(folder / "weights.npz"))
        arrays[name] = change(arrays.get(name))
        np.savez(folder / "weights.npz", **arrays)

    return change_file


def _truncated(folder):
    content = (folder / "weights.npz").read_bytes()
    (folder / "weights.npz").write_bytes(content[: len(content) // 2])


# What was done to a folder, and what is said of it.
_DAMAGED = {
    "pickle": (
        _changed_array("weights", lambda _: np.array([{}], dtype=object)),
        r"Received for weights: object of shape \[1\]",
    ),
    "shape": (
        _changed_array("second_moments", lambda a: a[:-1]),
        "Received for second_moments: float32 of shape",
    ),
    "dtype": (
        _changed_array("weights", lambda a: a.astype(np.float64)),
        "Received for weights: float64",
    ),
    "nan": (
        _changed_array("weights", lambda a: np.where(a == a[0], np.nan, a)),
        "Received for weights: not a number",
    ),
    "negative": (
        _changed_array("second_moments", lambda a: a - 1),
        "`second_moments` must be at least 0",
    ),
    "more": (_changed_array("more", lambda _: np.zeros(9)), "arrays: .*more.npy"),
    "truncated": (_truncated, "must be a file of NumPy arrays"),
    "text": (
        lambda folder: (folder / "weights.npz").write_text("weights"),
        "must be a file of NumPy arrays",
    ),
    "genome": (
        _changed_json("genome.json", blocks=[[0, "conv3x3", 1, "conv3x3"]]),
        "`num_parameters` must be",
    ),
    "no genome": (lambda folder: (folder / "genome.json").unlink(), "have a genome"),
    "large": (
        lambda folder: (folder / "card.json").write_text(" " * 2**21),
        "have a card.json of up to 1,048,576 bytes",
    ),
    "card": (_changed_json("card.json", ways=0), "`ways` must be at least 2"),
    "no json": (lambda folder: (folder / "card.json").write_text("{"), "must be JSON"),
}


class LearnerFolderTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        model = exported_model(_NETWORK, _CONFIG, _TASK)
        moments = np.random.default_rng(0).uniform(0.01, 0.1, model.num_weights)
        cls.state = LearnerState(
            tf.constant(model.initial_weights()),
            AdamState(
                tf.zeros([0]), tf.constant(moments, tf.float32), tf.constant(9.0)
            ),
        )
        cls.card = LearnerCard(
            version="0.2.0",
            dataset="glyphs",
            train_classes=9,
            image_shape=_TASK.image_shape,
            ways=_TASK.ways,
            network_config=_CONFIG,
            adaptation=_ADAPTATION,
            outer_iterations=1,
            num_parameters=model.num_weights,
            command="autometa train",
        )
        cls.trained = TrainedLearner(network=_NETWORK, state=cls.state, card=cls.card)
        cls.learner = Learner(make_module(model, cls.state, _ADAPTATION))

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.create_tempdir().full_path) / "tiny-1shot"
        write_learner(self.folder, self.trained)

    def test_what_is_written_is_read_and_answers_the_same(self):
        self.assertTrue(is_learner_folder(self.folder))
        self.assertEqual(read_card(self.folder), self.card)
        self.assertStartsWith((self.folder / "card.md").read_text(), "# tiny-1shot\n")
        self.assertLen(os.listdir(self.folder), 4)
        images = np.random.default_rng(1).uniform(size=(8, 8, 8)).astype(np.float32)
        labels = [0, 1, 2, 3, 0, 1, 2, 3]
        np.testing.assert_array_equal(
            read_learner(self.folder)
            .learner("tiny")
            .fit(images, labels)
            .predict_proba(images),
            self.learner.fit(images, labels).predict_proba(images),
        )

    def test_its_saved_model_has_its_card(self):
        folder = self.folder / "saved"
        read_learner(self.folder).learner("tiny").save(folder)
        kept = json.loads((folder / "assets.extra" / "card.json").read_text())
        self.assertEqual(LearnerCard.from_json(kept), self.card)
        self.assertEqual(kept["images"]["channels"], "grey")
        again = self.folder / "again"
        load_saved_learner(folder).save(again)
        text = (again / "assets.extra" / "card.md").read_text()
        self.assertIn('am.load_learner("tiny")', text)

    def test_another_folder_is_none(self):
        shutil.rmtree(self.folder)
        self.assertFalse(is_learner_folder(self.folder))
        with self.assertRaisesRegex(ValueError, "must have a card.json"):
            read_learner(self.folder)

    @parameterized.parameters(*_DAMAGED)
    def test_what_does_not_fit_is_refused(self, name):
        damage, message = _DAMAGED[name]
        damage(self.folder)
        with self.assertRaisesRegex(ValueError, message):
            read_learner(self.folder)


if __name__ == "__main__":
    absltest.main()
