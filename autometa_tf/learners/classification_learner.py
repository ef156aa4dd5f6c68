"""Plain classification of all training classes, with which a meta-training may begin.

It is the first stage of Meta-Baseline (Chen et al. 2021) and all of RFS (Tian et al. 2020),
here with the batch statistics that episodes have too. The head for so many classes is of
no further use.

Letters: `n` images, `B` batch size, `P` weights of the network.
"""

import math

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import share_memory
from autometa_tf.learners.adam import (
    AdamState,
    ScheduledAdam,
    adam_update,
    initial_adam_state,
)
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import SlotArrays
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import DivergedError
from autometa_tf.learners.training_batches import gather_views

# The learning rate falls from here to 0 by half a cosine.
LEARNING_RATE = 0.003
BATCH_SIZE = 50
BETA1 = 0.9


class ClassificationLearner:
    """Trains a network for all classes by Adam, in batches drawn from all of them.

    Each epoch has all images once, in an order that is a function of (seed, epoch); what
    is left over for a whole batch is left out. It is checkpointed as a `ReptileLearner`
    is, with one slot.

    Args:
      model: One copy of the network, with as many ways as there are classes.
      classes: What it is trained on.
      config: What is done to images, see `flips`.
      num_epochs: How often all images are seen.
      seed: In [0, 2**32).
      weights: float32 `[P]`, with which it begins.
    """

    def __init__(
        self,
        model: ParallelModel,
        classes: ClassImages,
        config: ReptileConfig,
        *,
        num_epochs: int,
        seed: int,
        weights: np.ndarray,
    ):
        self.model = model
        self._config, self._seed = config, seed
        self._images = share_memory(classes.images)
        sizes = np.diff(classes.offsets)
        self._labels = tf.constant(np.repeat(np.arange(len(sizes)), sizes), tf.int32)
        self._batch_size = min(BATCH_SIZE, len(classes.images))
        self._batches_per_epoch = len(classes.images) // self._batch_size
        self.num_batches = num_epochs * self._batches_per_epoch
        self._iteration = 0
        self._weights = tf.constant(weights)
        adam = AdamConfig(inner_learning_rate=LEARNING_RATE, inner_beta1=BETA1)
        self._adam = initial_adam_state(model.num_weights, adam)
        self._run = tf.function(
            self._run_eagerly, autograph=False, reduce_retracing=True
        )

    @property
    def iteration(self) -> int:
        """Batches seen so far."""
        return self._iteration

    def run(self, num_iterations: int) -> float:
        """Sees batches, all in one compiled call.

        Args:
          num_iterations: How many; at most `num_batches` less those that were seen.

        Returns:
          Their mean loss.

        Raises:
          DivergedError: The weights are not finite any more.
        """
        numbers = range(self._iteration, self._iteration + num_iterations)
        self._weights, self._adam, loss = self._run(
            tf.constant(self._rows(numbers)),
            tf.constant(numbers.start, tf.int64),
            self._weights,
            self._adam,
        )
        self._iteration = numbers.stop
        if not np.isfinite(self._weights.numpy()).all():
            raise DivergedError(
                f"The weights were not finite after {self._iteration} batches of "
                "pre-training."
            )
        return float(loss) / num_iterations

    def _rows(self, numbers: range) -> np.ndarray:
        """The images of batches, int32 `[batches, B]`."""
        rows, size = [], self._batch_size
        for number in numbers:
            epoch, place = divmod(number, self._batches_per_epoch)
            if not rows or not place:
                order = np.random.default_rng([self._seed, epoch])
                shuffled = order.permutation(len(self._labels)).astype(np.int32)
            rows.append(shuffled[place * size :][:size])
        return np.stack(rows)

    def _run_eagerly(
        self, rows: tf.Tensor, first: tf.Tensor, weights: tf.Tensor, adam: AdamState
    ) -> tuple[tf.Tensor, AdamState, tf.Tensor]:
        def body(i, weights, adam, total):
            number = first + tf.cast(i, tf.int64)
            images, labels = self._batch(rows[i], number)
            losses, gradient = self.model.loss_and_gradient(weights, images, labels)
            done = tf.cast(number, tf.float32) / self.num_batches
            rate = LEARNING_RATE * (1.0 + tf.cos(math.pi * done)) / 2.0
            config = ScheduledAdam(rate, BETA1)
            weights, adam = adam_update(weights, gradient, adam, config)
            return i + 1, weights, adam, total + losses[0]

        _, weights, adam, total = tf.while_loop(
            lambda i, *_: i < tf.shape(rows)[0],
            body,
            (tf.constant(0), weights, adam, tf.constant(0.0)),
        )
        return weights, adam, total

    def _batch(self, rows: tf.Tensor, number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Images as the model wants them, and their labels, int32 `[B, 1]`."""
        labels = tf.gather(self._labels, rows)[:, tf.newaxis]
        rows = rows[:, tf.newaxis]
        if not self._config.flips:
            return self.model.gather(self._images, rows), labels
        numbers = tf.random.stateless_uniform(
            [self._batch_size, 1],
            seed=tf.stack([tf.constant(self._seed, tf.int64), number]),
            minval=0,
            maxval=2**31 - 1,
            dtype=tf.int32,
        )
        images = gather_views(self.model.gather, self._images, rows, numbers)
        return images, labels

    def slots(self) -> SlotArrays:
        """Everything that it carries on, in the form of a `ReptileLearner`'s."""
        return SlotArrays(
            iteration=self._iteration,
            weights=self._weights.numpy(),
            first_moments=self._adam.first_moments.numpy()[np.newaxis],
            second_moments=self._adam.second_moments.numpy()[np.newaxis],
        )

    def restore(self, slots: SlotArrays) -> None:
        """Carries on from what `slots` returned, here or in another process."""
        self._iteration = slots.iteration
        self._weights = tf.constant(slots.weights)
        self._adam = AdamState(
            first_moments=tf.constant(slots.first_moments[0]),
            second_moments=tf.constant(slots.second_moments[0]),
            step=tf.constant(float(slots.iteration)),
        )
