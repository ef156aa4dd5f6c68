import math

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.learners.classification_learner import (
    BETA1,
    LEARNING_RATE,
    ClassificationLearner,
)
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import DivergedError
from autometa_tf.testing.linear_model import linear_model
from autometa_tf.testing.tiny_classes import tiny_classes

# 3 classes of 2, 5 and 46 images: 53, so an epoch is one batch of 50.
UNEVEN = tiny_classes(3, (2, 5, 46))
CLASSES = tiny_classes(num_classes=4, images_per_class=40)  # 3 batches an epoch.


def make(classes=CLASSES, config=None, num_epochs=2, seed=3):
    ways = len(classes.class_names)
    model = ParallelModel(linear_model(classes.images.shape[1:], ways))
    return ClassificationLearner(
        model,
        classes,
        config or ReptileConfig(),
        num_epochs=num_epochs,
        seed=seed,
        weights=model.initial_weights(),
    )


class ClassificationLearnerTest(absltest.TestCase):
    def test_equals_adam_by_hand(self):
        learner = make()
        pixels = CLASSES.images.reshape(160, -1) / 255.0
        labels = np.repeat(np.arange(4), 40)
        weights = learner.slots().weights.astype(np.float64)
        first, second, losses = 0.0, 0.0, []
        for number in range(6):
            epoch, place = divmod(number, 3)
            order = np.random.default_rng([3, epoch]).permutation(160)
            rows = order[50 * place : 50 * place + 50]
            kernel, bias = weights[:-4].reshape(-1, 4), weights[-4:]
            logits = pixels[rows] @ kernel + bias
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            shares = odds / odds.sum(axis=1, keepdims=True)
            losses.append(-np.log(shares[np.arange(50), labels[rows]]).mean())
            error = (shares - np.eye(4)[labels[rows]]) / 50
            gradient = np.concatenate(
                [(pixels[rows].T @ error).ravel(), error.sum(axis=0)]
            )
            first = BETA1 * first + (1 - BETA1) * gradient
            second = 0.999 * second + 0.001 * gradient**2
            rate = LEARNING_RATE * (1 + math.cos(math.pi * number / 6)) / 2
            corrected = first / (1 - BETA1 ** (number + 1))
            scale = np.sqrt(second / (1 - 0.999 ** (number + 1)))
            weights = weights - rate * corrected / (scale + 1e-8)

        found = [learner.run(4), learner.run(2)]

        np.testing.assert_allclose(
            found, [np.mean(losses[:4]), np.mean(losses[4:])], rtol=1e-5
        )
        np.testing.assert_allclose(learner.slots().weights, weights, atol=1e-5)
        self.assertEqual(learner.iteration, learner.num_batches)

    def test_the_same_in_one_call_as_in_many_and_after_restoring(self):
        config = ReptileConfig(flips=True)
        at_once, in_steps = make(config=config), make(config=config)
        at_once.run(6)
        in_steps.run(1)
        in_steps.run(1)
        elsewhere = make(config=config)
        elsewhere.restore(in_steps.slots())
        elsewhere.run(4)
        for name, value in at_once.slots()._asdict().items():
            other = getattr(elsewhere.slots(), name)
            np.testing.assert_array_equal(value, other, err_msg=name)
        without = make()
        without.run(6)
        self.assertFalse(
            np.array_equal(without.slots().weights, at_once.slots().weights)
        )

    def test_an_epoch_has_each_image_once_with_its_class(self):
        learner = make(UNEVEN)
        self.assertEqual(learner.num_batches, 2)
        rows = learner._rows(range(2))
        self.assertEqual(rows.shape, (2, 50))
        for epoch in rows:
            self.assertLen(set(epoch.tolist()), 50)
        self.assertFalse(np.array_equal(rows[0], rows[1]))
        _, labels = learner._batch(tf.constant(rows[0]), tf.constant(0, tf.int64))
        expected = np.searchsorted([2, 7], rows[0], side="right")
        np.testing.assert_array_equal(labels.numpy()[:, 0], expected)

    def test_few_images_are_one_batch(self):
        learner = make(tiny_classes(2, 3), num_epochs=4)
        self.assertEqual(learner.num_batches, 4)
        self.assertEqual(learner._rows(range(4)).shape, (4, 6))

    def test_the_seed_decides(self):
        one, same, other = make(seed=1), make(seed=1), make(seed=2)
        for each in (one, same, other):
            each.run(1)
        np.testing.assert_array_equal(one.slots().weights, same.slots().weights)
        self.assertFalse(np.array_equal(one.slots().weights, other.slots().weights))

    def test_learns_and_tells_when_it_diverges(self):
        learner = make(num_epochs=40)
        first = learner.run(1)
        self.assertLess(learner.run(100), first)
        slots = learner.slots()
        learner.restore(slots._replace(weights=slots.weights * np.nan))
        with self.assertRaisesRegex(DivergedError, "pre-training"):
            learner.run(1)


if __name__ == "__main__":
    absltest.main()
