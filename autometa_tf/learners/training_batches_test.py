import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler, gather_side_by_side
from autometa_tf.kernels.library import load_kernels
from autometa_tf.kernels.operations import gather_images
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


def _config(**fields):
    return ReptileConfig(inner_iterations=3, inner_batch_size=6, **fields)


def _batches(sampler, gather=gather_side_by_side, **fields):
    config = _config(**fields)
    episodes = tf.constant(_EPISODES, tf.int64)
    batch_at = training_batches(sampler, gather, config, sampler.classes, episodes)
    return [batch_at(i) for i in range(3)]


class TrainingBatchesTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(
        {},
        {"class_balanced_batches": True},
        {"flips": True},
        {"flips": True, "class_balanced_batches": True},
    )
    def test_equal_numpy_for_each_episode(self, **fields):
        sampler, config = _sampler(), _config(**fields)
        batches = _batches(sampler, **fields)
        for e, episode in enumerate(_EPISODES):
            expected = episode_batches(sampler, episode, config)
            for batch, (images, labels) in zip(batches, expected, strict=True):
                of_episode = batch[0][..., 2 * e : 2 * e + 2]
                self.assertAllClose(of_episode, images, rtol=1e-6)
                self.assertAllEqual(batch[1][:, e], labels)

    def test_batches_are_balanced_when_they_are_to_be(self):
        for balanced in (False, True):
            batches = _batches(_sampler(), class_balanced_batches=balanced)
            counts = [np.bincount(labels[:, 0], minlength=3) for _, labels in batches]
            self.assertEqual(np.all(np.equal(counts, 2)), balanced)

    def test_flips_are_uniform_and_drawn_anew(self):
        sampler = _sampler()
        numbers = sampler.draw_views(tf.range(100, dtype=tf.int64), 3, 6).numpy()
        self.assertEqual(numbers.shape, (100, 3, 6))
        # 1,800 of chance 1/2, within five standard deviations.
        self.assertLess(abs(np.sum(numbers % 2) - 900), 5 * np.sqrt(1800 / 4))
        self.assertLen(np.unique(numbers), 1800)
        alone = sampler.draw_views(tf.constant([42], tf.int64), 3, 6)[0]
        self.assertAllEqual(alone, numbers[42])

    def test_both_layouts_have_the_same_views(self):
        if load_kernels().path == "off":
            self.skipTest(f"no kernels: {load_kernels().reason}")
        settings = {"flips": True}
        channels_last = _batches(_sampler(), **settings)
        batch_last = _batches(_sampler(), gather_images, **settings)
        for (images, labels), (planes, others) in zip(
            channels_last, batch_last, strict=True
        ):
            self.assertAllEqual(labels, others)
            self.assertAllClose(tf.transpose(planes, [3, 1, 2, 0]), images, rtol=1e-6)


if __name__ == "__main__":
    tf.test.main()
