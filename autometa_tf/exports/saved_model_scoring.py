"""Scores a SavedModel by its signatures alone, as those who ship it will call it."""

import concurrent.futures
import hashlib
import pathlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.exports.load_signatures import load_signatures
from autometa_tf.learners.devices import operations_at_once

_SIGNATURES = ("adapt_and_predict_transductive", "adapt_and_predict")


class SavedModelScorer:
    """Adapts an exported network to seeded episodes and counts its right answers.

    Args:
      directory: The folder of the SavedModel.

    Attributes:
      image_shape: `(H, W, C)` of the images it takes.
      ways: The number of classes it tells apart; None where that is any number.
      content_hash: A hash of its content, by which it is known wherever it lies and
        whenever it was copied.

    Raises:
      ValueError: It is no SavedModel, or not one of a learner.
    """

    def __init__(self, directory: str):
        self._module = load_signatures(directory, _SIGNATURES)
        signature = self._module.signatures[_SIGNATURES[0]]
        images = signature.structured_input_signature[1]["support_images"]
        self.image_shape = tuple(images.shape[1:])
        self.ways = signature.structured_outputs["logits"].shape[-1]
        self.content_hash = _content_hash(pathlib.Path(directory))

    def accuracies(
        self,
        sampler: EpisodeSampler,
        num_episodes: int,
        first: int = 0,
        on_progress: Callable | None = None,
        queries_per_class: int = 1,
    ) -> np.ndarray:
        """Accuracy on each episode from `first` on, `[episodes, 2]`.

        It scores as `EpisodeScorer.accuracies` does, but a signature gives the answers.

        Args:
          sampler: Draws `shots + queries_per_class` images of each class, the support
            first.
          num_episodes: Episodes in all, those before `first` included.
          first: The first episode to score.
          on_progress: Called with the accuracies so far, after each episode.
          queries_per_class: Query images of each class.
        """
        results = np.zeros([num_episodes - first, 2])
        shots = sampler.images_per_class - queries_per_class
        num_threads = operations_at_once()
        # An episode is one operation after the other, so that only several at once
        # keep all cores busy.
        with concurrent.futures.ThreadPoolExecutor(num_threads) as threads:
            for begin in range(0, len(results), num_threads):
                part = range(len(results))[begin : begin + num_threads]
                pairs = threads.map(
                    lambda i: self._score(sampler, first + i, shots), part
                )
                for i, pair in zip(part, pairs, strict=True):
                    results[i] = pair
                    if on_progress:
                        on_progress(results[: i + 1])
        return results

    def _score(self, sampler: EpisodeSampler, episode: int, shots: int) -> list[float]:
        """The two accuracies of an episode."""
        number = tf.constant([episode], tf.int64)
        rows = sampler.choose_images(sampler.classes, number)[0].numpy()
        support = self._images(sampler, rows[:, :shots].ravel())
        queries = self._images(sampler, rows[:, shots:].ravel())
        labels = np.arange(sampler.ways, dtype=np.int32)
        truth = labels.repeat(rows.shape[1] - shots)
        accuracies = []
        for name in _SIGNATURES:
            logits = self._module.signatures[name](
                support_images=support,
                support_labels=tf.constant(labels.repeat(shots)),
                query_images=queries,
            )["logits"]
            accuracies.append((np.argmax(logits, axis=-1) == truth).mean())
        return accuracies

    def _images(self, sampler: EpisodeSampler, rows: np.ndarray) -> tf.Tensor:
        return tf.cast(tf.gather(sampler.classes.images, rows), tf.float32) / 255.0


def _content_hash(directory: pathlib.Path) -> str:
    """A hash of the graph and the weights."""
    content = hashlib.sha256()
    for path in sorted([directory / "saved_model.pb", *directory.glob("variables/*")]):
        data = path.read_bytes()
        content.update(f"{path.name} {len(data)}\n".encode() + data)
    return content.hexdigest()[:32]
