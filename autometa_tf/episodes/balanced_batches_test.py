import itertools

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.balanced_batches import balanced_batches_of_shuffles
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.testing.tiny_classes import tiny_classes


def _sampler(seed=0):
    return EpisodeSampler(
        tiny_classes(5, 4, (1, 1, 1)),
        ways=3,
        images_per_class=4,
        seed=seed,
        split="train",
    )


def _balanced_batches(drawn, labels, num_batches, batch_size):
    """Of one episode, drawn `[shuffles, pool size]`, one image after another."""
    streams = {
        label: [
            position
            for numbers in drawn
            for position in sorted(
                np.flatnonzero(labels == label), key=lambda position: numbers[position]
            )
        ]
        for label in sorted(set(labels))
    }
    turns = [
        next(images)
        for images, _ in zip(
            itertools.cycle([iter(stream) for stream in streams.values()]),
            range(num_batches * batch_size),
            strict=False,
        )
    ]
    return np.reshape(turns, [num_batches, batch_size])


class BalancedBatchesTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.named_parameters(
        ("even", [0, 0, 1, 1, 2, 2], 6, 3),
        ("one_shot", [0, 1, 2], 3, 7),
        ("uneven", [2, 0, 2, 1, 2, 0], 6, 12),
        ("a_class_is_missing", [3, 0, 3, 3, 3, 0], 6, 8),
        ("a_batch_of_odd_size", [2, 0, 1, 2, 2, 2], 4, 8),
        ("one_class", [1, 1, 1], 3, 5),
    )
    def test_equal_one_image_after_another(self, labels, batch_size, shuffles):
        labels, rng = np.array(labels), np.random.default_rng(0)
        drawn = rng.permutation(2 * shuffles * len(labels)).reshape(2, shuffles, -1)
        batches = balanced_batches_of_shuffles(
            tf.constant(drawn), tf.constant(labels, tf.int32), 4, 3, batch_size
        )
        for e in range(2):
            self.assertAllEqual(
                batches[e], _balanced_batches(drawn[e], labels, 3, batch_size)
            )

    def test_every_batch_holds_every_class_equally_often(self):
        episodes = tf.range(20, dtype=tf.int64)
        # As on mini-ImageNet, of three classes: 8 batches from 15 images of each.
        positions = _sampler().shuffle_batches(episodes, 45, 8, 6)
        balanced = _sampler().shuffle_batches(episodes, 45, 8, 6, balanced=True)
        self.assertEqual(balanced.shape, positions.shape)
        counts = tf.reduce_sum(tf.one_hot(balanced // 15, 3), axis=2)
        self.assertAllEqual(counts, np.full([20, 8, 3], 2))
        of_each = tf.reduce_sum(tf.one_hot(positions // 15, 3), axis=2)
        self.assertNotAllEqual(of_each, np.full([20, 8, 3], 2))

    def test_images_of_a_class_come_without_replacement(self):
        balanced = _sampler().shuffle_batches(
            tf.constant([3, 8], tf.int64), 12, 5, 6, balanced=True
        )
        for flat in balanced.numpy().reshape(2, 30):
            for label in range(3):
                images = flat[flat // 4 == label]
                self.assertLen(images, 10)
                for start in (0, 4):
                    self.assertLen(set(images[start : start + 4]), 4)
                self.assertLen(set(images[8:]), 2)

    def test_an_episode_does_not_depend_on_its_neighbours(self):
        def draw(sampler, *episodes):
            episodes = tf.constant(episodes, tf.int64)
            return sampler.shuffle_batches(episodes, 6, 5, 3, balanced=True)

        together = draw(_sampler(), 4, 2**40)
        self.assertAllEqual(draw(_sampler(), 2**40)[0], together[1])
        self.assertNotAllEqual(together[0], together[1])
        self.assertNotAllEqual(draw(_sampler(seed=1), 4)[0], together[0])

    @parameterized.parameters(False, True)
    def test_compiled_equals_eager(self, jit_compile):
        sampler, episodes = _sampler(), tf.constant([0, 5, 9], tf.int64)

        def draw(episodes):
            return sampler.shuffle_batches(episodes, 6, 5, 3, balanced=True)

        compiled = tf.function(draw, jit_compile=jit_compile)
        self.assertAllEqual(compiled(episodes), draw(episodes))


if __name__ == "__main__":
    tf.test.main()
