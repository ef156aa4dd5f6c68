"""Draws few-shot episodes inside compiled code, as a function of (seed, index) only.

Letters: `E` episodes at once, `N` ways, `K` images of each class, `T` inner iterations,
`B` inner batch size, `H, W, C` the image shape.
"""

import ctypes
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.balanced_batches import balanced_batches_of_shuffles
from autometa_tf.episodes.dataset import ClassImages

SPLITS = ("train", "validation", "test")

# One seed serves several ends; each draws numbers of its own.
_PURPOSES = tuple((split, use) for split in SPLITS for use in ("choice", "shuffle"))
# What came later has keys above those, so that they draw what they always have.
_LATER_PURPOSES = tuple((split, "view") for split in SPLITS)
_FIRST_LATER_KEY = 2**40


class ClassTensors(NamedTuple):
    """A class split as tensors on one device.

    Attributes:
      images: uint8 `[n, H, W, C]`.
      starts: int32 `[classes]`, the first image of each class.
      sizes: int32 `[classes]`, its number of images.
    """

    images: tf.Tensor
    starts: tf.Tensor
    sizes: tf.Tensor


class EpisodeSampler:
    """Draws the episodes of one class split; episode `i` is the same in every run.

    Args:
      classes: The split.
      ways: N, classes of an episode.
      images_per_class: K.
      seed: In [0, 2**32).
      split: The split's name, one of `SPLITS`; each draws its own numbers.

    Raises:
      ValueError: The split has too few classes, or a class too few images.
    """

    def __init__(
        self,
        classes: ClassImages,
        *,
        ways: int,
        images_per_class: int,
        seed: int,
        split: str,
    ):
        if split not in SPLITS:
            raise ValueError(
                f"`split` must be one of {', '.join(SPLITS)}. Received: {split!r}."
            )
        if not 0 <= seed < 2**32:
            raise ValueError(f"`seed` must be in [0, 2**32). Received: {seed}.")
        classes.check_episode(ways, images_per_class, split)
        self.ways = ways
        self.images_per_class = images_per_class
        sizes = np.diff(classes.offsets)
        self._largest_class = int(sizes.max())
        self._seed = seed
        self._split = split
        self.classes = ClassTensors(
            images=share_memory(classes.images),
            starts=tf.constant(classes.offsets[:-1], tf.int32),
            sizes=tf.constant(sizes, tf.int32),
        )

    def choose_images(self, classes: ClassTensors, episodes: tf.Tensor) -> tf.Tensor:
        """Draws N classes and K images of each, all without replacement.

        Args:
          classes: `self.classes`, on the device where the episodes are wanted.
          episodes: int64 `[E]`, the numbers of the episodes.

        Returns:
          Rows of `classes.images`, int32 `[E, N, K]`. The position in axis 1 is the
          class's label in its episode.
        """
        num_classes = classes.starts.shape[0]
        candidates = self.ways * self._largest_class
        drawn = self._draw("choice", episodes, num_classes + candidates)
        chosen = tf.math.top_k(drawn[:, :num_classes], self.ways).indices
        priorities = tf.reshape(
            drawn[:, num_classes:], [-1, self.ways, self._largest_class]
        )
        sizes = tf.gather(classes.sizes, chosen)[:, :, tf.newaxis]
        priorities = tf.where(tf.range(self._largest_class) < sizes, priorities, -1)
        within = tf.math.top_k(priorities, self.images_per_class).indices
        return tf.gather(classes.starts, chosen)[:, :, tf.newaxis] + within

    def shuffle_batches(
        self,
        episodes: tf.Tensor,
        pool_size: int,
        num_batches: int,
        batch_size: int,
        *,
        balanced: bool = False,
    ) -> tf.Tensor:
        """The mini-batches of E episodes.

        Args:
          episodes: int64 `[E]`, the numbers of the episodes.
          pool_size: Images of an episode, the same number of each class, class by
            class.
          num_batches: T.
          batch_size: B.
          balanced: Whether they are `balanced_batches_of_shuffles`, and not
            `batches_of_shuffles`.

        Returns:
          Positions in each episode's pool, int32 `[E, T, B]`.
        """
        num_shuffles = -(-num_batches * batch_size // pool_size)
        drawn = self._draw("shuffle", episodes, num_shuffles * pool_size)
        drawn = tf.reshape(drawn, [-1, num_shuffles, pool_size])
        if not balanced:
            return batches_of_shuffles(drawn, num_batches, batch_size)
        labels = tf.range(pool_size) // (pool_size // self.ways)
        return balanced_batches_of_shuffles(
            drawn, labels, self.ways, num_batches, batch_size
        )

    def draw_batches(
        self,
        chosen: tf.Tensor,
        episodes: tf.Tensor,
        num_batches: int,
        batch_size: int,
        *,
        balanced: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The mini-batches of E episodes, so that what one of them reads lies together.

        Args:
          chosen: int32 `[E, N, K]`, rows of images, of `choose_images`.
          episodes: int64 `[E]`, the numbers of the episodes.
          num_batches: T.
          batch_size: B.
          balanced: See `shuffle_batches`.

        Returns:
          Rows of images, and their labels in their episodes, int32 `[T, B, E]`.
        """
        per_class = chosen.shape[2]
        pool_size = self.ways * per_class
        positions = self.shuffle_batches(
            episodes, pool_size, num_batches, batch_size, balanced=balanced
        )
        pool = tf.reshape(chosen, [-1, pool_size])
        rows = tf.gather(pool, positions, batch_dims=1)
        return (
            tf.transpose(rows, [1, 2, 0]),
            tf.transpose(positions // per_class, [1, 2, 0]),
        )

    def draw_views(
        self, episodes: tf.Tensor, num_batches: int, batch_size: int
    ) -> tf.Tensor:
        """A random number for the view of each image of E episodes' mini-batches.

        Returns:
          int32 `[E, T, B]` in [0, 2**31), see `flipped_views`.
        """
        drawn = self._draw("view", episodes, num_batches * batch_size)
        return tf.reshape(drawn, [-1, num_batches, batch_size])

    def _key(self, use: str) -> int:
        purpose = (self._split, use)
        if purpose in _PURPOSES:
            return self._seed * len(_PURPOSES) + _PURPOSES.index(purpose)
        later = self._seed * len(_LATER_PURPOSES) + _LATER_PURPOSES.index(purpose)
        return _FIRST_LATER_KEY + later

    def _draw(self, use: str, episodes: tf.Tensor, length: int) -> tf.Tensor:
        """Int32 `[E, length]` in [0, 2**31); row e depends on `episodes[e]` alone."""
        key = tf.constant(self._key(use), tf.int64)

        # All devices and XLA draw the same numbers when the algorithm is named and the
        # numbers are whole: XLA makes other fractions of the same bits.
        def draw(episode):
            return tf.random.stateless_uniform(
                [length],
                [key, episode],
                minval=None,
                maxval=None,
                dtype=tf.uint32,
                alg="philox",
            )

        # Mapped, not unrolled: a few operations to trace for any number of episodes.
        bits = tf.map_fn(draw, episodes, fn_output_signature=tf.uint32)
        return tf.cast(tf.bitwise.right_shift(bits, 1), tf.int32)


def batches_of_shuffles(
    drawn: tf.Tensor, num_batches: int | tf.Tensor, batch_size: int | tf.Tensor
) -> tf.Tensor:
    """Mini-batches drawn without replacement from a pool that is shuffled over again.

    As in Reptile's program, a batch may straddle two shuffles.

    Args:
      drawn: `[E, shuffles, pool size]`, random numbers whose order is the shuffle.
        At least `num_batches * batch_size` in each row.
      num_batches: T, a whole number or an int32 scalar.
      batch_size: B, likewise.

    Returns:
      Positions in the pool, int32 `[E, T, B]`.
    """
    order = tf.argsort(drawn, axis=-1)
    flat = tf.reshape(order, [tf.shape(order)[0], -1])
    needed = num_batches * batch_size
    return tf.reshape(flat[:, :needed], [-1, num_batches, batch_size])


def gather_side_by_side(images: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Gathers images and puts the episodes side by side in the channel axis.

    Args:
      images: uint8 `[n, H, W, C]`.
      rows: int32 `[B, E]`.

    Returns:
      float32 `[B, H, W, E*C]` in [0, 1].
    """
    height, width, channels = images.shape[1:]
    num_episodes = rows.shape[1]
    gathered = tf.cast(tf.gather(images, rows), tf.float32) / 255.0  # [B, E, H, W, C]
    if num_episodes > 1:  # As float32, which oneDNN transposes 3 times faster.
        gathered = tf.transpose(gathered, [0, 2, 3, 1, 4])
    return tf.reshape(gathered, [-1, height, width, num_episodes * channels])


def share_memory(images: np.ndarray) -> tf.Tensor:
    """A tensor on the array's own memory, which the workers of a machine share.

    `tf.constant` would copy: 0.8 GB in each worker for mini-ImageNet's train classes.
    DLPack hands over writable arrays only, hence the view; nothing here writes to it.
    """
    address = images.__array_interface__["data"][0]
    if address % 64 or not images.flags.c_contiguous or not images.size:
        return tf.constant(images)
    buffer = (ctypes.c_uint8 * images.nbytes).from_address(address)
    buffer.owner = images  # The view keeps the buffer, the buffer keeps the array.
    view = np.frombuffer(buffer, np.uint8).reshape(images.shape)
    with tf.device("CPU:0"):
        return tf.experimental.dlpack.from_dlpack(view.__dlpack__())
