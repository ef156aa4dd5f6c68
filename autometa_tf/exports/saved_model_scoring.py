"""Scores a SavedModel by its signatures alone, as those who ship it will call it."""

import hashlib
import pathlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.exports.load_signatures import load_signatures

_SIGNATURES = ("adapt_and_predict_transductive", "adapt_and_predict")


class SavedModelScorer:
    """Adapts an exported network to seeded episodes and counts its right answers.

    Args:
      directory: The folder of the SavedModel.

    Attributes:
      image_shape: `(H, W, C)` of the images it takes.
      ways: The number of classes it tells apart.
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
    ) -> np.ndarray:
        """Accuracy on each episode from `first` on, `[episodes, 2]`.

        It scores as `EpisodeScorer.accuracies` does, but a signature gives the answers.

        Args:
          sampler: Draws `shots + 1` images of each class; the last is the query.
          num_episodes: Episodes in all, those before `first` included.
          first: The first episode to score.
          on_progress: Called with the accuracies so far, after each episode.
        """
        results = np.zeros([num_episodes - first, 2])
        labels = np.arange(self.ways, dtype=np.int32)
        shots = sampler.images_per_class - 1
        for i in range(len(results)):
            number = tf.constant([first + i], tf.int64)
            rows = sampler.choose_images(sampler.classes, number)[0].numpy()
            support = self._images(sampler, rows[:, :shots].ravel())
            queries = self._images(sampler, rows[:, shots])
            for column, name in enumerate(_SIGNATURES):
                logits = self._module.signatures[name](
                    support_images=support,
                    support_labels=tf.constant(labels.repeat(shots)),
                    query_images=queries,
                )["logits"]
                right = np.argmax(logits, axis=-1) == labels
                results[i, column] = right.mean()
            if on_progress:
                on_progress(results[: i + 1])
        return results

    def _images(self, sampler: EpisodeSampler, rows: np.ndarray) -> tf.Tensor:
        return tf.cast(tf.gather(sampler.classes.images, rows), tf.float32) / 255.0


def _content_hash(directory: pathlib.Path) -> str:
    """A hash of the graph and the weights."""
    content = hashlib.sha256()
    for path in sorted([directory / "saved_model.pb", *directory.glob("variables/*")]):
        data = path.read_bytes()
        content.update(f"{path.name} {len(data)}\n".encode() + data)
    return content.hexdigest()[:32]
