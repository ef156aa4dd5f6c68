"""Reptile written plainly: one episode after another, its state in numpy arrays."""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners.reptile_config import ReptileConfig

# The learner numbers the episodes of outer iteration t from t * 2**20 on.
EPISODES_PER_ITERATION = 2**20


@dataclasses.dataclass
class SequentialReptile:
    """Nichol et al. 2018, algorithm 2, with Adam's state carried on by slot.

    Attributes:
      weights: Theta, float64 `[P]`.
      sampler: Draws the episodes.
      config: The hyper-parameters.
      loss_and_gradient: Weights, images `[B, H, W, C]`, labels `[B]` -> loss, `[P]`.
      iteration: Outer iterations made.
      loss: Mean loss of the last inner iterations of the last outer iteration.
      num_features: What the last layer reads of an image, for a shared head.
    """

    weights: np.ndarray
    sampler: EpisodeSampler
    config: ReptileConfig
    loss_and_gradient: Callable
    iteration: int = 0
    loss: float = 0.0
    num_features: int = 0

    def __post_init__(self):
        shape = [self.config.meta_batch_size, len(self.weights)]
        self.first_moments, self.second_moments = np.zeros(shape), np.zeros(shape)
        self._share_head()

    def run(self, num_iterations: int) -> None:
        """Makes outer iterations."""
        for _ in range(num_iterations):
            adapted, losses = zip(
                *map(self._adapt, range(self.config.meta_batch_size)), strict=True
            )
            step_size = self.config.outer_step_size * (
                1 - self.iteration / self.config.outer_iterations
            )
            self.weights = self.weights + step_size * np.mean(
                [weights - self.weights for weights in adapted], axis=0
            )
            self._share_head()
            self.iteration += 1
            self.loss = float(np.mean(losses))

    def _adapt(self, slot: int) -> tuple[np.ndarray, float]:
        config, weights = self.config, self.weights
        steps = self.iteration * config.inner_iterations
        if not config.carry_moments:
            steps = self.first_moments[slot] = self.second_moments[slot] = 0
        m, v = self.first_moments[slot], self.second_moments[slot]
        episode = self.iteration * EPISODES_PER_ITERATION + slot
        batches = episode_batches(self.sampler, episode, config)
        for step, (images, labels) in enumerate(batches, start=steps + 1):
            loss, gradient = self.loss_and_gradient(weights, images, labels)
            m[:] = config.inner_beta1 * m + (1 - config.inner_beta1) * gradient
            v[:] = 0.999 * v + 0.001 * gradient**2
            rate = self._learning_rate() * np.sqrt(1 - 0.999**step)
            rate /= 1 - config.inner_beta1**step
            weights = weights - rate * m / (np.sqrt(v) + 1e-8)
        return weights, loss

    def _share_head(self) -> None:
        """Of a model that ends in a dense layer of `num_features`, or is one."""
        if not self.config.shared_head:
            return
        ways = self.sampler.ways
        size = ways * (self.num_features + 1)
        rows = self.weights[-size:].reshape(-1, ways)
        means = rows.mean(axis=1, keepdims=True)
        shared = np.broadcast_to(means, rows.shape).ravel()
        self.weights = np.concatenate([self.weights[:-size], shared])

    def _learning_rate(self) -> float:
        begin, end = (
            self.config.inner_learning_rate,
            self.config.final_inner_learning_rate,
        )
        if end is None:
            return begin
        angle = np.pi * self.iteration / self.config.outer_iterations
        return end + (begin - end) * (1 + np.cos(angle)) / 2


def episode_batches(
    sampler: EpisodeSampler, episode: int, config: ReptileConfig
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The mini-batches of one training episode: images in [0, 1] and labels `[B]`."""
    number = tf.constant([episode], tf.int64)
    chosen = sampler.choose_images(sampler.classes, number).numpy()[0]
    pool = [(row, label) for label, rows in enumerate(chosen) for row in rows]
    sizes = config.inner_iterations, config.inner_batch_size
    batches = sampler.shuffle_batches(
        number, len(pool), *sizes, balanced=config.class_balanced_batches
    )
    views = sampler.draw_views(number, *sizes).numpy()[0]
    images = sampler.classes.images.numpy()
    for positions, numbers in zip(batches.numpy()[0], views, strict=True):
        rows, labels = zip(*(pool[position] for position in positions), strict=True)
        seen = [
            images[row][:, ::-1] if config.flips and number % 2 else images[row]
            for row, number in zip(rows, numbers, strict=True)
        ]
        yield np.stack(seen) / np.float32(255), np.array(labels)
