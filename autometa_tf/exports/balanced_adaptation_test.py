"""An exported learner adapts to batches with every class equally often."""

import itertools

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.exports.saved_model import AdaptAndPredict
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.testing.linear_model import linear_loss_and_gradient, linear_model

_SHAPE, _WAYS, _RATE, _STEPS, _BATCH = (3, 3, 1), 3, 0.02, 4, 6


def _batches(labels):
    """Classes take turns, each with shuffles of its own images."""
    number = _STEPS * _BATCH  # Of shuffles, enough for any labels.
    # More shuffles begin with the numbers of fewer.
    uniform = tf.random.stateless_uniform(
        [number, len(labels)], seed=[0, 0], alg="philox"
    ).numpy()
    streams = [
        iter([i for row in uniform for i in np.argsort(row) if labels[i] == label])
        for label in sorted(set(labels))
    ]
    turns = itertools.cycle(streams)
    return [[next(next(turns)) for _ in range(_BATCH)] for _ in range(_STEPS)]


class BalancedAdaptationTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(
        ([0, 0, 1, 1, 2, 2],), ([2, 0, 1, 2, 2, 0, 2],), ([1, 2, 1, 1, 1],), ([1, 1],)
    )
    def test_equals_numpy(self, labels):
        model = ParallelModel(linear_model(_SHAPE, _WAYS))
        start = model.initial_weights()
        second = np.full(len(start), 0.02, np.float32)
        state = AdamState(tf.zeros([0]), tf.constant(second), tf.constant(10.0))
        module = AdaptAndPredict(
            model,
            LearnerState(tf.constant(start), state),
            ScoringConfig(
                scoring_inner_iterations=_STEPS, scoring_inner_batch_size=_BATCH
            ),
            AdamConfig(inner_learning_rate=_RATE),
            class_balanced_batches=True,
        )
        images = np.random.default_rng(0).uniform(size=(len(labels), *_SHAPE))
        images, labels = images.astype(np.float32), np.array(labels)
        adapted = module.signatures["adapt"](
            support_images=tf.constant(images),
            support_labels=tf.constant(labels, tf.int32),
        )["weights"]

        weights = start.astype(np.float64)
        for step, batch in enumerate(_batches(labels), start=11):
            _, gradient = linear_loss_and_gradient(
                weights, images[batch], labels[batch]
            )
            second = 0.999 * second + 0.001 * gradient**2
            rate = _RATE * np.sqrt(1 - 0.999**step)
            weights = weights - rate * gradient / (np.sqrt(second) + 1e-8)
        self.assertAllClose(adapted, weights, atol=1e-5)


if __name__ == "__main__":
    tf.test.main()
