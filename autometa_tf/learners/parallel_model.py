"""A Keras model as a pure function of one vector that holds E copies of its weights.

`E` = copies, `P` = weights of one copy, `B` = batch. A copy vector `[E*P]` lists the
model's variables one after the other, each in its own row-major order, in which the
last axis holds the E copies. That makes the step from vector to variables a reshape,
with no data moved in the inner loop; the order of one copy, `[P]`, is met only where
an episode begins and ends.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.episodes.sampler import gather_side_by_side


class ParallelModel:
    """Computes logits, losses and gradients of E copies of a network.

    How images lie in memory is the model's to say: its input is either channels last,
    `[B, H, W, E*C]`, or batch last, `[E*C, H, W, B]`.

    Args:
      model: Images -> logits `[B, E*ways]`; the last axis of every trainable variable
        holds E copies. Any Keras model without other variables will do for E = 1.
      num_parallel_episodes: E.
      gather: uint8 images `[n, H, W, C]` and rows int32 `[B, E]` -> float32 images in
        [0, 1] as the model wants them.
    """

    def __init__(
        self,
        model: keras.Model,
        num_parallel_episodes: int = 1,
        gather: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] = gather_side_by_side,
    ):
        if model.non_trainable_variables:
            raise ValueError(
                "`model` must have trainable variables only: an episode may change "
                "nothing else. Received non-trainable: "
                f"{[v.path for v in model.non_trainable_variables]}."
            )
        self.model = model
        self.num_parallel_episodes = num_parallel_episodes
        self._shapes = [tuple(v.shape) for v in model.trainable_variables]
        self._sizes = [int(np.prod(shape)) for shape in self._shapes]
        self.num_weights = sum(self._sizes) // num_parallel_episodes
        self.ways = model.output_shape[-1] // num_parallel_episodes
        self.gather = gather
        self.batch_axis = model.input_shape.index(None)
        height, width = model.input_shape[1:3]
        planes = model.input_shape[3 if self.batch_axis == 0 else 0]
        self.image_shape = (height, width, planes // num_parallel_episodes)
        self._groups = self._find_groups()

    def _find_groups(self) -> list[tuple[int, int]]:
        """`(rows, last axis)` of one copy's variables, neighbours of one width joined.

        Moving whole groups of rows takes a handful of operations for any network.
        """
        groups = []
        for shape, size in zip(self._shapes, self._sizes, strict=True):
            last = shape[-1] // self.num_parallel_episodes
            rows = size // shape[-1]
            if groups and groups[-1][1] == last:
                rows += groups.pop()[0]
            groups.append((rows, last))
        return groups

    def initial_weights(self) -> np.ndarray:
        """The weights the first copy was built with, float32 `[P]`."""
        variables = self.model.trainable_variables
        vector = np.concatenate([v.numpy().ravel() for v in variables])
        return self.separate(tf.constant(vector, tf.float32))[0].numpy()

    def set_weights(self, weights: np.ndarray | tf.Tensor) -> None:
        """Puts weights `[P]` into every copy of the Keras model."""
        values = self._as_variables(self.copy(tf.constant(weights)))
        for variable, value in zip(self.model.trainable_variables, values, strict=True):
            variable.assign(value)

    def copy(self, weights: tf.Tensor) -> tf.Tensor:
        """One copy's `[P]` -> E equal copies `[E*P]`."""
        if self.num_parallel_episodes == 1:
            return weights
        return self.join(
            tf.broadcast_to(weights, [self.num_parallel_episodes, self.num_weights])
        )

    def separate(self, vector: tf.Tensor) -> tf.Tensor:
        """`[E*P]` -> the copies one after the other, `[E, P]`."""
        copies = self.num_parallel_episodes
        sizes = [copies * rows * last for rows, last in self._groups]
        parts = [
            tf.transpose(tf.reshape(part, [rows, copies, last]), [1, 0, 2])
            for part, (rows, last) in zip(
                tf.split(vector, sizes), self._groups, strict=True
            )
        ]
        return tf.concat([tf.reshape(part, [copies, -1]) for part in parts], axis=1)

    def join(self, copies: tf.Tensor) -> tf.Tensor:
        """The inverse of `separate`: `[E, P]` -> `[E*P]`."""
        num_copies = self.num_parallel_episodes
        sizes = [rows * last for rows, last in self._groups]
        parts = [
            tf.transpose(tf.reshape(part, [num_copies, rows, last]), [1, 0, 2])
            for part, (rows, last) in zip(
                tf.split(copies, sizes, axis=1), self._groups, strict=True
            )
        ]
        return tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)

    def logits(self, weights: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """`[E*P]`, images as the model wants them -> `[B, E, ways]`."""
        logits, _ = self.model.stateless_call(self._as_variables(weights), [], images)
        logits = tf.cast(logits, tf.float32)
        return tf.reshape(logits, [-1, self.num_parallel_episodes, self.ways])

    def loss_and_gradient(
        self, weights: tf.Tensor, images: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean cross-entropy of each episode's batch, and its gradient.

        Args:
          weights: `[E*P]`.
          images: float32, as the model wants them.
          labels: int32 `[B, E]`.

        Returns:
          Losses `[E]` and their gradient `[E*P]`; copies do not influence one another.
        """
        with tf.GradientTape() as tape:
            tape.watch(weights)
            losses = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(
                    labels, self.logits(weights, images)
                ),
                axis=0,
            )
            total = tf.reduce_sum(losses)
        return losses, tape.gradient(total, weights)

    def _as_variables(self, weights: tf.Tensor) -> list[tf.Tensor]:
        return [
            tf.reshape(part, shape)
            for part, shape in zip(
                tf.split(weights, self._sizes), self._shapes, strict=True
            )
        ]
