"""The smallest network: one dense layer, whose gradient can be written by hand."""

import keras
import numpy as np

from autometa_tf.networks.layers import ParallelDense


def linear_model(
    image_shape: tuple[int, int, int],
    ways: int,
    *,
    num_parallel_episodes: int = 1,
    seed: int = 0,
) -> keras.Model:
    """Softmax regression on the pixels; inputs and outputs as `build_network`'s."""
    height, width, channels = image_shape
    images = keras.Input((height, width, num_parallel_episodes * channels))
    dense = ParallelDense(ways, num_parallel_episodes=num_parallel_episodes, seed=seed)
    return keras.Model(images, dense(images))


def linear_logits(weights: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Logits `[B, ways]` of one copy, by numpy.

    Args:
      weights: `[P]`, as `ParallelModel` orders them: the kernel, then the bias.
      images: `[B, H, W, C]`.
    """
    rows = images.reshape(len(images), -1)
    kernel, bias = _split(weights, rows.shape[1])
    return rows @ kernel + bias


def linear_loss_and_gradient(
    weights: np.ndarray, images: np.ndarray, labels: np.ndarray
) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of a batch and its gradient `[P]`, by numpy."""
    rows = images.reshape(len(images), -1)
    logits = linear_logits(weights, images)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    truth = np.eye(logits.shape[1])[labels]
    loss = -np.mean(np.log(np.sum(probabilities * truth, axis=1)))
    errors = (probabilities - truth) / len(labels)
    gradient = np.concatenate([(rows.T @ errors).ravel(), errors.sum(axis=0)])
    return loss, gradient


def _split(weights: np.ndarray, num_features: int) -> tuple[np.ndarray, np.ndarray]:
    ways = len(weights) // (num_features + 1)
    kernel, bias = np.split(weights, [num_features * ways])
    return kernel.reshape(num_features, ways), bias
