"""A network whose head has as many columns as the weights that it is given.

`P` = weights of the network, `B` = batch, `W` = ways, of whatever number.
"""

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.learners.parallel_model import ParallelModel


class AnyWaysModel(ParallelModel):
    """One copy of a network, for any number of classes; a weight vector says how many.

    Keras wants the variables of a dense layer to have the shape they were made with, so
    that the head is a matrix product of its own.

    Args:
      model: Images -> logits `[B, ways]`, for the ways it was trained with. Its last
        variables are a dense layer's kernel `[features, ways]` and bias `[ways]`.
      body: The same model without that layer: images -> what it reads.

    Attributes:
      head: Where the dense layer's weights lie among those of the model.
    """

    def __init__(self, model: keras.Model, body: keras.Model):
        super().__init__(model)
        variables = body.trainable_variables
        of_model = model.trainable_variables[: len(variables)]
        if len(of_model) + 2 != len(model.trainable_variables) or any(
            own is not theirs for own, theirs in zip(variables, of_model, strict=True)
        ):
            raise ValueError(
                "`body` must have the variables of `model`, in their order, but for the "
                f"last two. Received: {len(variables)} of "
                f"{len(model.trainable_variables)}, or others."
            )
        self._body = body
        self._body_shapes = [tuple(variable.shape) for variable in variables]
        self._body_sizes = [int(np.prod(shape)) for shape in self._body_shapes]
        self.head = slice(sum(self._body_sizes), self.num_weights)
        # One for each feature, and the bias.
        self._rows = (self.num_weights - self.head.start) // self.ways

    def has_ways(self, num_weights: tf.Tensor) -> tf.Tensor:
        """Whether the network has so many weights for some number of ways, 2 or more."""
        in_head = num_weights - self.head.start
        return (in_head >= 2 * self._rows) & (in_head % self._rows == 0)

    def ways_of(self, weights: tf.Tensor) -> tf.Tensor:
        """W, an int32 scalar, of weights for any number of classes."""
        return (tf.shape(weights)[0] - self.head.start) // self._rows

    def logits(self, weights: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """Weights for W ways, images `[B, H, W, C]` -> `[B, 1, W]`."""
        features, _ = self._body.stateless_call(self._of_body(weights), [], images)
        head = tf.reshape(weights[self.head.start :], [self._rows, -1])
        features = tf.reshape(features, [-1, self._rows - 1])
        return (features @ head[:-1] + head[-1])[:, tf.newaxis]

    def _of_body(self, weights: tf.Tensor) -> list[tf.Tensor]:
        """The values of the body's variables, of which there may be none."""
        of_body = weights[: self.head.start]
        parts = tf.split(of_body, self._body_sizes) if self._body_sizes else []
        return list(map(tf.reshape, parts, self._body_shapes))
