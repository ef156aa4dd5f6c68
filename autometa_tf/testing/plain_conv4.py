"""Reptile's conv4 out of Keras's own layers, to compare ours with."""

import keras
import numpy as np
import tensorflow as tf


class PlainConv4:
    """The baseline as a function of one weight vector, ordered as `ParallelModel`'s.

    Args:
      image_shape: `(H, W, C)`.
      ways: Classes.
      num_filters: The number of filters of each convolution.
      max_pooling: False halves the image by strides, True by 2x2 max pooling.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        ways: int,
        num_filters: int,
        max_pooling: bool,
    ):
        layers = [keras.Input(image_shape)]
        for _ in range(4):
            stride = 1 if max_pooling else 2
            layers.append(keras.layers.Conv2D(num_filters, 3, stride, padding="same"))
            layers.append(keras.layers.BatchNormalization(epsilon=1e-3))
            if max_pooling:
                layers.append(keras.layers.MaxPooling2D(2, padding="same"))
            layers.append(keras.layers.ReLU())
        layers += [keras.layers.Flatten(), keras.layers.Dense(ways)]
        self._model = keras.Sequential(layers)
        self._compute_logits = tf.function(self._compute_logits_eagerly)
        self._compute_gradient = tf.function(self._compute_gradient_eagerly)

    @property
    def cancelled(self) -> np.ndarray:
        """Which weights do nothing, bool `[P]`: biases before a normalisation.

        Their gradients are 0 up to rounding, which Keras follows.
        """
        return np.concatenate(
            [
                np.full(v.shape, "conv" in v.path and v.name == "bias").ravel()
                for v in self._model.trainable_variables
            ]
        )

    def logits(self, weights: np.ndarray, images: np.ndarray) -> np.ndarray:
        """Logits `[B, ways]`, normalised with the statistics of these images."""
        self._set_weights(weights)
        return self._compute_logits(tf.constant(images, tf.float32)).numpy()

    def loss_and_gradient(
        self, weights: np.ndarray, images: np.ndarray, labels: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Mean cross-entropy of a batch and its gradient `[P]`."""
        self._set_weights(weights)
        loss, gradients = self._compute_gradient(
            tf.constant(images, tf.float32), tf.constant(labels, tf.int32)
        )
        return float(loss), np.concatenate([np.ravel(g) for g in gradients])

    def _compute_logits_eagerly(self, images: tf.Tensor) -> tf.Tensor:
        return self._model(images, training=True)

    def _compute_gradient_eagerly(
        self, images: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            logits = self._model(images, training=True)
            loss = tf.reduce_mean(
                keras.losses.sparse_categorical_crossentropy(
                    labels, logits, from_logits=True
                )
            )
        values = [v.value for v in self._model.trainable_variables]
        return loss, tape.gradient(loss, values)

    def _set_weights(self, weights: np.ndarray) -> None:
        first = 0
        for variable in self._model.trainable_variables:
            size = int(np.prod(variable.shape))
            variable.assign(weights[first : first + size].reshape(variable.shape))
            first += size
