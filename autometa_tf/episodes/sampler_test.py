import gc
import weakref

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import (
    EpisodeSampler,
    batches_of_shuffles,
    gather_side_by_side,
    share_memory,
)
from autometa_tf.testing.tiny_classes import tiny_classes

_SIZES = (4, 9, 5, 4, 12, 6, 4)


def _sampler(sizes=_SIZES, ways=3, images_per_class=4, seed=0, split="train"):
    return EpisodeSampler(
        tiny_classes(len(sizes), sizes, (1, 1, 1)),
        ways=ways,
        images_per_class=images_per_class,
        seed=seed,
        split=split,
    )


def _choose(sampler, *episodes):
    return sampler.choose_images(sampler.classes, tf.constant(episodes, tf.int64))


def _shuffle(sampler, *episodes, pool_size=6, num_batches=5, batch_size=4):
    episodes = tf.constant(episodes, tf.int64)
    return sampler.shuffle_batches(episodes, pool_size, num_batches, batch_size)


def _class_of(rows, sizes=_SIZES):
    return np.searchsorted(np.cumsum(sizes), np.asarray(rows), side="right")


class ChooseImagesTest(tf.test.TestCase, parameterized.TestCase):
    def test_draws_distinct_classes_and_distinct_images_of_each(self):
        rows = _choose(_sampler(), *range(100)).numpy()
        self.assertEqual(rows.shape, (100, 3, 4))
        classes = _class_of(rows)
        for episode in range(100):
            self.assertLen(set(classes[episode, :, 0]), 3)
            self.assertLen(set(rows[episode].ravel()), 3 * 4)
        # All images of a row are of one class.
        self.assertAllEqual(classes, np.broadcast_to(classes[..., :1], classes.shape))

    def test_draws_every_class_and_every_image(self):
        rows = _choose(_sampler(), *range(200)).numpy()
        self.assertEqual(set(rows.ravel()), set(range(sum(_SIZES))))

    def test_draws_all_images_of_a_class_that_has_no_more(self):
        sampler = _sampler(sizes=(2, 5), ways=2, images_per_class=2)
        for episode in _choose(sampler, *range(20)).numpy():
            small = episode[_class_of(episode[:, 0], (2, 5)) == 0]
            self.assertEqual(set(small.ravel()), {0, 1})

    def test_classes_labels_and_images_are_uniform(self):
        sizes = (4, 8, 4, 4, 6)
        sampler = _sampler(sizes, ways=2, images_per_class=2, seed=5)
        rows = _choose(sampler, *range(1000)).numpy()
        classes = _class_of(rows[:, :, 0], sizes)
        # Pearson's statistic, within 5 standard deviations of what chance gives.
        for counts, degrees in (
            (np.bincount(classes[:, 0], minlength=5), 4),
            (np.bincount(classes[:, 1], minlength=5), 4),
            *(
                (np.bincount(rows[classes == c].ravel(), minlength=26)[first:][:n], n)
                for c, (first, n) in enumerate(
                    zip((0, 4, 12, 16, 20), sizes, strict=True)
                )
            ),
        ):
            expected = counts.sum() / len(counts)
            statistic = np.sum((counts - expected) ** 2) / expected
            self.assertLess(statistic, degrees + 5 * np.sqrt(2 * degrees))

    def test_an_episode_does_not_depend_on_its_neighbours(self):
        sampler = _sampler()
        together = _choose(sampler, 7, 2**40, 3)
        for position, episode in enumerate((7, 2**40, 3)):
            self.assertAllEqual(_choose(sampler, episode)[0], together[position])
            self.assertAllEqual(_choose(_sampler(), episode)[0], together[position])

    def test_episodes_seeds_and_splits_draw_numbers_of_their_own(self):
        samplers = [
            _sampler(seed=seed, split=split)
            for seed in (0, 1, 2, 2**32 - 1)
            for split in ("train", "validation", "test")
        ]
        drawn = [_choose(s, *range(4)).numpy().tobytes() for s in samplers]
        self.assertLen(set(drawn), 4 * 3)
        episodes = _choose(samplers[0], 0, 1, 2**31, 2**32, 2**40).numpy()
        self.assertLen({episode.tobytes() for episode in episodes}, 5)

    @parameterized.parameters(False, True)
    def test_compiled_equals_eager(self, jit_compile):
        sampler = _sampler()

        def draw(classes, episodes):
            return (
                sampler.choose_images(classes, episodes),
                sampler.shuffle_batches(episodes, 6, 5, 4),
            )

        episodes = tf.constant([0, 5, 9], tf.int64)
        eager = draw(sampler.classes, episodes)
        compiled = tf.function(draw, jit_compile=jit_compile)
        self.assertAllEqual(eager[0], compiled(sampler.classes, episodes)[0])
        self.assertAllEqual(eager[1], compiled(sampler.classes, episodes)[1])

    def test_refuses_an_episode_that_the_split_cannot_give(self):
        with self.assertRaisesRegex(ValueError, "at most the 7 classes of the train"):
            _sampler(ways=8)
        with self.assertRaisesRegex(ValueError, "at most 4: the 4 images"):
            _sampler(images_per_class=5)

    @parameterized.parameters(
        ({"split": "evaluation"}, "`split`"), ({"seed": -1}, "`seed`")
    )
    def test_refuses_unknown_splits_and_seeds(self, settings, name):
        with self.assertRaisesRegex(ValueError, f"{name} must be .*Received: "):
            _sampler(**settings)


class ShuffleBatchesTest(tf.test.TestCase, parameterized.TestCase):
    def test_each_shuffle_is_exhausted_before_the_next(self):
        # 5 batches of 4 from a pool of 6: batches 1 and 2 straddle shuffles.
        positions = _shuffle(_sampler(), 3, 8).numpy()
        self.assertEqual(positions.shape, (2, 5, 4))
        for flat in positions.reshape(2, 20):
            for start in (0, 6, 12):
                self.assertEqual(set(flat[start : start + 6]), set(range(6)))
            self.assertLen(set(flat[18:]), 2)
            self.assertNotAllEqual(flat[:6], flat[6:12])

    def test_a_batch_may_be_larger_than_the_pool(self):
        positions = _shuffle(_sampler(), 0, pool_size=3, num_batches=2, batch_size=7)
        self.assertAllEqual(np.bincount(positions.numpy().ravel()[:12]), [4, 4, 4])

    def test_order_is_uniform(self):
        drawn = _shuffle(
            _sampler(), *range(600), pool_size=3, num_batches=2, batch_size=3
        )
        orders, counts = np.unique(
            drawn.numpy().reshape(-1, 3), axis=0, return_counts=True
        )
        self.assertLen(orders, 6)
        statistic = np.sum((counts - 200.0) ** 2) / 200.0
        self.assertLess(statistic, 5 + 5 * np.sqrt(2 * 5))

    def test_depends_on_seed_split_and_episode_only(self):
        together = _shuffle(_sampler(), 4, 9)
        self.assertAllEqual(_shuffle(_sampler(), 9)[0], together[1])
        self.assertNotAllEqual(together[0], together[1])
        self.assertNotAllEqual(_shuffle(_sampler(seed=1), 9)[0], together[1])
        self.assertNotAllEqual(_shuffle(_sampler(split="test"), 9)[0], together[1])

    def test_sorts_by_the_random_numbers(self):
        drawn = tf.constant([[[3, 1, 2], [5, 9, 7]]])
        batches = batches_of_shuffles(drawn, 2, 2)
        self.assertAllEqual(batches, [[[1, 2], [0, 0]]])


class GatherSideBySideTest(tf.test.TestCase):
    def test_episode_e_owns_channels_from_e_times_c(self):
        images = np.random.default_rng(0).integers(0, 256, (10, 3, 4, 2))
        images = images.astype(np.uint8)
        rows = np.array([[0, 9, 4], [3, 3, 1]], np.int32)
        gathered = gather_side_by_side(tf.constant(images), tf.constant(rows))
        self.assertEqual(gathered.shape, (2, 3, 4, 6))
        self.assertEqual(gathered.dtype, tf.float32)
        for b in range(2):
            for e in range(3):
                self.assertAllClose(
                    gathered[b, :, :, 2 * e : 2 * e + 2],
                    images[rows[b, e]] / 255.0,
                    rtol=1e-6,
                )

    def test_one_episode_equals_its_place_among_several(self):
        images = tf.constant(np.arange(96, dtype=np.uint8).reshape(6, 4, 4, 1))
        rows = tf.constant([[0, 5], [3, 2]])
        both = gather_side_by_side(images, rows)
        self.assertAllEqual(gather_side_by_side(images, rows[:, 1:]), both[..., 1:])


def _aligned(shape):
    """Bytes that begin at a multiple of 64, as shared memory does."""
    size = int(np.prod(shape))
    buffer = np.zeros(size + 64, np.uint8)
    start = -buffer.__array_interface__["data"][0] % 64
    return buffer[start : start + size].reshape(shape)


class ShareMemoryTest(tf.test.TestCase):
    def test_shares_the_memory_of_the_array(self):
        array = _aligned((4, 2, 2, 1))
        tensor = share_memory(array)
        array[3, 1, 1, 0] = 77
        self.assertEqual(int(tensor[3, 1, 1, 0]), 77)

    def test_takes_read_only_arrays(self):
        array = _aligned((4, 2, 2, 1))
        view = array.view()
        view.flags.writeable = False
        tensor = share_memory(view)
        array[0, 0, 0, 0] = 5
        self.assertEqual(int(tensor[0, 0, 0, 0]), 5)
        self.assertFalse(view.flags.writeable)

    def test_keeps_the_array_alive_as_long_as_the_tensor(self):
        class Array(np.ndarray):
            """Can be referred to weakly."""

        array = _aligned((4, 2, 2, 1)).view(Array)
        array[:] = 9
        alive = weakref.ref(array)
        tensor = share_memory(array)
        derived = tf.identity(tensor)
        del array, tensor
        gc.collect()
        self.assertIsNotNone(alive())
        self.assertAllEqual(derived, np.full((4, 2, 2, 1), 9))
        del derived
        gc.collect()
        self.assertIsNone(alive())

    def test_copies_what_cannot_be_shared(self):
        array = _aligned((5, 2, 2, 1))
        for part in (array[1:], array[:, :, ::2], array[:0]):
            self.assertAllEqual(share_memory(part), part)

    def test_the_sampler_shares_the_images(self):
        images = _aligned((8, 4, 4, 1))
        classes = ClassImages(
            images=images, offsets=np.array([0, 4, 8]), class_names=("a", "b")
        )
        sampler = EpisodeSampler(
            classes, ways=2, images_per_class=1, seed=0, split="train"
        )
        images[7] = 200
        self.assertAllEqual(sampler.classes.images[7], images[7])


if __name__ == "__main__":
    tf.test.main()
