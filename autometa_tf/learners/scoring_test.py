import functools

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring import EpisodeScorer, logits_with_support
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.grouped_gradients import (
    skip_without_grouped_gradients,
    two_or_one,
)
from autometa_tf.testing.plain_conv4 import PlainConv4
from autometa_tf.testing.tiny_classes import tiny_classes
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS, _SHOTS, _RATE = (8, 8, 1), 4, 2, 0.02


def _model(copies=1):
    model = tiny_conv4(
        Task(image_shape=_SHAPE, ways=_WAYS),
        num_filters=3,
        max_pooling=False,
        num_parallel_episodes=copies,
    )
    return ParallelModel(model, copies)


# With this seed no prediction is so close that another machine's rounding turns it.
_SEED = 3


def _sampler(seed=_SEED, queries=1):
    return EpisodeSampler(
        tiny_classes(7, 5, _SHAPE, noise=0.4),
        ways=_WAYS,
        images_per_class=_SHOTS + queries,
        seed=seed,
        split="test",
    )


@functools.cache  # Tracing takes longer than scoring.
def _scorer(
    copies=1, *, num_episodes=7, beta1=0.0, seed=_SEED, queries=1, balanced=False
):
    return EpisodeScorer(
        _model(copies),
        _sampler(seed, queries),
        ScoringConfig(
            scoring_inner_iterations=5,
            scoring_inner_batch_size=3,
            num_scoring_episodes=num_episodes,
            queries_per_class=queries,
        ),
        AdamConfig(inner_learning_rate=_RATE, inner_beta1=beta1),
        class_balanced_batches=balanced,
    )


def _state(beta1=0.0):
    """A learner in the midst of its training."""
    weights = _model().initial_weights()
    rng = np.random.default_rng(0)
    size = len(weights)
    first = rng.normal(size=size) * 0.1 if beta1 else np.zeros(0)
    return LearnerState(
        tf.constant(weights),
        AdamState(
            tf.constant(first, tf.float32),
            tf.constant(rng.uniform(0.01, 0.1, size), tf.float32),
            tf.constant(40.0),
        ),
    )


@functools.cache
def _plain():
    return PlainConv4(_SHAPE, _WAYS, num_filters=3, max_pooling=False)


@functools.cache
def _plain_accuracies(episode, beta1, num_queries=1, balanced=False):
    """Reptile's evaluation of one episode, query by query."""
    state = _state(beta1)
    sampler = _sampler(queries=num_queries)
    number = tf.constant([episode], tf.int64)
    images = sampler.classes.images.numpy() / np.float32(255)
    chosen = sampler.choose_images(sampler.classes, number).numpy()[0]
    support = [(row, label) for label in range(_WAYS) for row in chosen[label, :_SHOTS]]
    queries = [(row, label) for label in range(_WAYS) for row in chosen[label, _SHOTS:]]
    weights = state.weights.numpy().astype(np.float64)
    m = state.adam.first_moments.numpy() if beta1 else 0.0
    v = state.adam.second_moments.numpy()
    batches = sampler.shuffle_batches(
        number, len(support), 5, 3, balanced=balanced
    ).numpy()[0]
    for step, batch in enumerate(batches, start=41):
        rows, labels = zip(*(support[position] for position in batch), strict=True)
        _, gradient = _plain().loss_and_gradient(
            weights, images[list(rows)], np.array(labels)
        )
        m = beta1 * m + (1 - beta1) * gradient
        v = 0.999 * v + 0.001 * gradient**2
        rate = _RATE * np.sqrt(1 - 0.999**step) / (1 - beta1**step)
        weights = weights - rate * m / (np.sqrt(v) + 1e-8)
    support_images = images[[row for row, _ in support]]
    query_images = images[[row for row, _ in queries]]
    together = np.argmax(_plain().logits(weights, query_images), axis=-1)
    alone = [
        np.argmax(
            _plain().logits(weights, np.concatenate([support_images, [image]]))[-1]
        )
        for image in query_images
    ]
    truth = [label for _, label in queries]
    return np.mean(together == truth), np.mean(np.equal(alone, truth))


class EpisodeScorerTest(tf.test.TestCase, parameterized.TestCase):
    def test_adapts_to_class_balanced_batches(self):
        accuracies = _scorer(balanced=True).accuracies(_state())
        expected = [_plain_accuracies(i, 0.0, balanced=True) for i in range(7)]
        self.assertAllClose(accuracies, expected)
        self.assertNotAllEqual(accuracies, _scorer().accuracies(_state()))

    @parameterized.parameters((1, 0.0), (2, 0.0), (2, 0.9))
    def test_classifies_as_reptile_does_query_by_query(self, copies, beta1):
        skip_without_grouped_gradients(copies)
        settings = {"beta1": beta1} if beta1 else {}
        accuracies = _scorer(copies, **settings).accuracies(_state(beta1))
        expected = [_plain_accuracies(i, beta1) for i in range(7)]
        self.assertAllClose(accuracies, expected)
        # The rules differ, and the episodes do.
        self.assertNotAllEqual(accuracies[:, 0], accuracies[:, 1])
        self.assertGreater(len(set(accuracies[:, 1])), 1)

    @parameterized.parameters(1, 2)
    def test_several_queries_of_each_class_are_one_batch_or_each_on_its_own(
        self, copies
    ):
        skip_without_grouped_gradients(copies)
        # From the third on no prediction is so close that rounding turns it.
        accuracies = _scorer(copies, queries=3).accuracies(_state(), first=3)
        expected = [_plain_accuracies(i, 0.0, num_queries=3) for i in range(3, 7)]
        self.assertAllClose(accuracies, expected)
        self.assertNotAllEqual(accuracies[:, 0], accuracies[:, 1])
        twelfths = accuracies * _WAYS * 3
        self.assertAllClose(twelfths, np.round(twelfths))
        self.assertNotAllClose(twelfths / 3, np.round(twelfths / 3))

    def test_more_queries_keep_the_support_and_the_queries_of_fewer(self):
        number = tf.constant([4], tf.int64)
        one, three = (
            sampler.choose_images(sampler.classes, number)
            for sampler in (_sampler(), _sampler(queries=3))
        )
        self.assertAllEqual(three[:, :, : _SHOTS + 1], one)

    def test_is_the_same_with_any_number_of_copies(self):
        skip_without_grouped_gradients()
        expected = _scorer(1).accuracies(_state())
        self.assertAllEqual(_scorer(5).accuracies(_state()), expected)

    def test_can_begin_in_the_middle(self):
        scorer = _scorer(two_or_one())
        whole = scorer.accuracies(_state())
        for first in (3, 6, 7):
            self.assertAllEqual(scorer.accuracies(_state(), first), whole[first:])

    def test_tells_of_progress_and_traces_once(self):
        skip_without_grouped_gradients()
        scorer, told = _scorer(2, num_episodes=45), []
        accuracies = scorer.accuracies(_state(), 2, told.append)
        self.assertEqual([len(part) for part in told], [20, 40, 43])
        for part in told:
            self.assertAllEqual(part, accuracies[: len(part)])
        self.assertEqual(scorer._score_groups.experimental_get_tracing_count(), 1)

    def test_leaves_the_learner_as_it_was(self):
        state, scorer = _state(), _scorer(two_or_one())
        before = tf.nest.map_structure(lambda value: value.numpy().copy(), state)
        first = scorer.accuracies(state)
        self.assertAllEqual(scorer.accuracies(state), first)
        tf.nest.map_structure(self.assertAllEqual, state, before)

    def test_other_seeds_score_other_episodes(self):
        one, other = (_scorer(1, seed=seed) for seed in (0, 1))
        self.assertNotAllEqual(one.accuracies(_state()), other.accuracies(_state()))

    def test_needs_a_query_besides_the_support(self):
        sampler = EpisodeSampler(
            tiny_classes(), ways=2, images_per_class=1, seed=0, split="test"
        )
        with self.assertRaisesRegex(ValueError, "at least 2 images .* Received: 1"):
            EpisodeScorer(_model(), sampler, ScoringConfig(), AdamConfig())
        with self.assertRaisesRegex(ValueError, "at least 4 images .* Received: 3"):
            EpisodeScorer(
                _model(), _sampler(), ScoringConfig(queries_per_class=3), AdamConfig()
            )


class LogitsWithSupportTest(tf.test.TestCase):
    def test_each_query_shares_its_batch_with_the_support_alone(self):
        model, rng = _model(2), np.random.default_rng(0)
        weights = rng.normal(size=(2, model.num_weights)).astype(np.float32)
        support = rng.uniform(size=(5, 8, 8, 2)).astype(np.float32)
        queries = rng.uniform(size=(3, 8, 8, 2)).astype(np.float32)
        logits = logits_with_support(
            model,
            model.join(tf.constant(weights)),
            tf.constant(support),
            tf.constant(queries),
        )
        self.assertEqual(logits.shape, (3, 2, _WAYS))
        for copy in range(2):
            for i in range(3):
                batch = np.concatenate([support, queries[i : i + 1]])
                expected = _plain().logits(weights[copy], batch[..., copy : copy + 1])
                self.assertAllClose(logits[i, copy], expected[-1], atol=1e-3)


if __name__ == "__main__":
    tf.test.main()
