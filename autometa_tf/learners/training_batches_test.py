import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler, gather_side_by_side
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.training_batches import training_batches
from autometa_tf.testing.sequential_reptile import episode_batches
from autometa_tf.testing.tiny_classes import tiny_classes

_EPISODES = (3, 2**30)


def _sampler(image_shape=(3, 4, 2)):
    return EpisodeSampler(
        tiny_classes(6, 5, image_shape),
        ways=3,
        images_per_class=4,
        seed=7,
        split="train",
    )


def _batches(sampler, gather=gather_side_by_side, **fields):
    config = ReptileConfig(inner_iterations=3, inner_batch_size=6, **fields)
    episodes = tf.constant(_EPISODES, tf.int64)
    batch_at = training_batches(sampler, gather, config, sampler.classes, episodes)
    return [batch_at(i) for i in range(3)]


class TrainingBatchesTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(False, True)
    def test_each_episode_has_its_own(self, balanced):
        sampler = _sampler()
        batches = _batches(sampler, class_balanced_batches=balanced)
        for e, episode in enumerate(_EPISODES):
            expected = episode_batches(sampler, episode, 3, 6, balanced=balanced)
            for (images, labels), (wanted, truth) in zip(
                batches, expected, strict=True
            ):
                self.assertAllClose(images[..., 2 * e : 2 * e + 2], wanted, rtol=1e-6)
                self.assertAllEqual(labels[:, e], truth)

    def test_batches_are_balanced_when_they_are_to_be(self):
        for balanced in (False, True):
            batches = _batches(_sampler(), class_balanced_batches=balanced)
            counts = [np.bincount(labels[:, 0], minlength=3) for _, labels in batches]
            self.assertEqual(np.all(np.equal(counts, 2)), balanced)


if __name__ == "__main__":
    tf.test.main()
