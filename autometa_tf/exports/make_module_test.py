"""From a network with what it learned to its verbs, for any number of classes or not."""

import dataclasses
import os

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.exports.learner import Learner, load_saved_learner
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Conv4

_SHAPE, _WAYS = (16, 16, 1), 5
_ADAPTATION = Adaptation(
    inner_iterations=30,
    inner_batch_size=5,
    adam=AdamConfig(inner_learning_rate=0.003),
    class_balanced_batches=True,
    shared_head=True,
)


def _module(ways: int, adaptation: Adaptation = _ADAPTATION):
    """An untrained network whose columns are the same for every number of classes."""
    model = exported_model(
        Conv4(), NetworkConfig(), Task(image_shape=_SHAPE, ways=ways)
    )
    of_body = exported_model(
        Conv4(), NetworkConfig(), Task(image_shape=_SHAPE, ways=_WAYS)
    ).initial_weights()[: -65 * _WAYS]  # 64 features and the bias.
    column = 0.1 * np.random.default_rng(0).normal(size=65)
    weights = np.concatenate([of_body, column.repeat(ways)]).astype(np.float32)
    moments = AdamState(tf.zeros([0]), tf.fill(len(weights), 1e-4), tf.constant(99.0))
    return make_module(model, LearnerState(tf.constant(weights), moments), adaptation)


def _drawings(kinds: np.ndarray, seed: int) -> np.ndarray:
    """Of each kind a blot of its own, with noise, uint8."""
    blots = np.random.default_rng(0).uniform(size=(20, 4, 4, 1)) < 0.5
    noise = np.random.default_rng(seed).integers(0, 60, (len(kinds), *_SHAPE))
    return (190 * blots[kinds].repeat(4, axis=1).repeat(4, axis=2) + noise).astype(
        np.uint8
    )


class MakeModuleTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = Learner(_module(_WAYS))

    def test_it_takes_any_number_of_classes(self):
        self.assertIsNone(self.learner.ways)
        self.assertEqual(self.learner.image_shape, _SHAPE)

    @parameterized.parameters(3, 12, 20)
    def test_it_learns_them_as_a_network_built_for_so_many(self, ways):
        kinds = np.arange(ways).repeat(2)
        support, queries = _drawings(kinds, seed=1), _drawings(np.arange(ways), seed=2)
        names = np.array([f"{kind:02}" for kind in range(ways)])
        classifier = self.learner.fit(support, names[kinds])
        self.assertEqual(classifier.classes_.tolist(), names.tolist())
        self.assertEqual(classifier.score(queries, names), 1)
        size = -(-5 // ways) * ways
        adaptation = dataclasses.replace(
            _ADAPTATION, shared_head=False, inner_batch_size=size
        )
        fixed = Learner(_module(ways, adaptation))
        self.assertEqual(fixed.ways, ways)
        expected = fixed.fit(support, names[kinds])
        for transductive in (False, True):
            answers = classifier.predict_proba(queries, transductive=transductive)
            self.assertEqual(answers.shape, (ways, ways))
            np.testing.assert_allclose(
                answers,
                expected.predict_proba(queries, transductive=transductive),
                atol=2e-3,
            )

    def test_one_class_is_refused(self):
        with self.assertRaisesRegex(ValueError, "of at least 2 classes. Received: 1"):
            self.learner.fit(_drawings(np.zeros(2, int), seed=1), ["a", "a"])

    def test_what_is_saved_answers_as_before_and_can_be_saved_again(self):
        kinds = np.arange(7)
        support, queries = _drawings(kinds, seed=1), _drawings(kinds, seed=2)
        learner, expected = self.learner, self.learner.fit(support, kinds)
        for name in ("once", "twice"):
            folder = os.path.join(self.create_tempdir().full_path, name)
            learner.save(folder)
            learner = load_saved_learner(folder)
            self.assertIsNone(learner.ways)
            np.testing.assert_allclose(
                learner.fit(support, kinds).predict_proba(queries),
                expected.predict_proba(queries),
                atol=1e-5,
            )
        with self.assertRaisesRegex(ValueError, "`folder` must be a folder that is em"):
            learner.save(folder)


if __name__ == "__main__":
    absltest.main()
