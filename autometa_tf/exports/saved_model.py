"""Exports a learner as a SavedModel that adapts itself to new classes.

It adapts and predicts in one call, or first the one and then, as often as need be, the
other: `adapt` hands out what `predict` and `predict_transductive` take.

Letters: `S` support images, `Q` query images, `H, W, C` the image shape, `P` weights.
"""

import tensorflow as tf

from autometa_tf.exports.support_batches import num_inner_iterations, support_batches
from autometa_tf.exports.traced_when_asked import TracedWhenAsked
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.adapt import adapt
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring import logits_with_support
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.learners.signature_inputs import (
    checked_images,
    checked_labels,
    checked_shown,
    checked_weights,
)


class AdaptAndPredict(tf.Module):
    """Learns classes from a support set, and classifies query images.

    Args:
      model: One copy of the network.
      state: What meta-training learned.
      config: Inner iterations and batch size, as in scoring.
      adam: The inner optimizer.
      class_balanced_batches: As in `ReptileConfig`. Where a support set has fewer
        classes, numbers of two classes in a batch may differ by one.

    Attributes:
      signatures: By name, as a loaded SavedModel has them, each a concrete function.
    """

    def __init__(
        self,
        model: ParallelModel,
        state: LearnerState,
        config: ScoringConfig,
        adam: AdamConfig,
        *,
        class_balanced_batches: bool = False,
    ):
        super().__init__()
        if model.num_parallel_episodes != 1:
            raise ValueError(
                "`model` must hold one copy of the network. "
                f"Received: {model.num_parallel_episodes}."
            )
        self._model = model
        self._config = config
        self._adam = adam
        self._balanced = class_balanced_batches
        self._state = tf.nest.map_structure(
            lambda value: tf.Variable(value, trainable=False), state
        )
        specs = self._specs()
        adapted = tf.function(
            self._adapted_weights,
            input_signature=list(specs["adapt"].values()),
            autograph=False,
        )
        # What three signatures do: a graph of its own, so that it is traced and loaded
        # once, which takes seconds. As an attribute it would be exported once more.
        self._adapted = lambda images, labels: adapted(images, labels)
        methods = {name: getattr(self, name) for name in specs}
        self.signatures = TracedWhenAsked(
            methods, specs, {"serving_default": "adapt_and_predict"}
        )

    def _specs(self) -> dict[str, dict[str, tf.TensorSpec]]:
        """What each signature takes, by its name, which is that of its method."""
        images = tf.TensorSpec([None, *self._model.image_shape], tf.float32)
        support = {
            "support_images": images,
            "support_labels": tf.TensorSpec([None], tf.int32),
        }
        # None, so that other shapes can be refused: see signature_inputs.
        adapted = {
            "weights": tf.TensorSpec([None], tf.float32),
            "shown": tf.TensorSpec([None], tf.bool),
        }
        queries = {"query_images": images}
        return {
            "adapt_and_predict": support | queries,
            "adapt_and_predict_transductive": support | queries,
            "adapt": support,
            "predict": adapted | {"support_images": images} | queries,
            "predict_transductive": adapted | queries,
        }

    def adapt_and_predict(
        self,
        support_images: tf.Tensor,
        support_labels: tf.Tensor,
        query_images: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Classifies each query on its own, in one batch with the support set.

        Args:
          support_images: float32 `[S, H, W, C]` in [0, 1], S at least 1.
          support_labels: int32 `[S]` in [0, ways).
          query_images: float32 `[Q, H, W, C]` in [0, 1].

        Returns:
          "logits" and "probabilities", float32 `[Q, ways]`.
        """
        query_images = self._checked(query_images, "query_images")
        support_images, labels = self._checked_support(support_images, support_labels)
        weights = self._adapted(support_images, labels)
        return _predictions(
            self._independent_logits(weights, support_images, query_images)
        )

    def adapt_and_predict_transductive(
        self,
        support_images: tf.Tensor,
        support_labels: tf.Tensor,
        query_images: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Like `adapt_and_predict`, with all queries as one batch.

        Its statistics normalise it, so the answer to a query depends on the others.
        """
        query_images = self._checked(query_images, "query_images")
        support_images, labels = self._checked_support(support_images, support_labels)
        weights = self._adapted(support_images, labels)
        return _predictions(self._logits_of_one_batch(weights, query_images))

    def adapt(
        self, support_images: tf.Tensor, support_labels: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Learns the classes of a support set, for `predict` to be called with.

        Args:
          support_images: float32 `[S, H, W, C]` in [0, 1], S at least 1.
          support_labels: int32 `[S]` in [0, ways); not all need occur.

        Returns:
          "weights", float32 `[P]`: the network's, adapted. "shown", bool `[ways]`:
          which labels occur.
        """
        support_images, labels = self._checked_support(support_images, support_labels)
        is_label = labels[:, tf.newaxis] == tf.range(self._ways_of_labels(labels))
        return {
            "weights": self._adapted(support_images, labels),
            "shown": tf.reduce_any(is_label, axis=0),
        }

    def predict(
        self,
        weights: tf.Tensor,
        shown: tf.Tensor,
        support_images: tf.Tensor,
        query_images: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Classifies each query on its own, in one batch with the support set.

        With all classes shown it answers as `adapt_and_predict` does. Other classes
        have the lowest finite logit (JSON has no infinity) and the probability 0.

        Args:
          weights: float32 `[P]`, of `adapt`.
          shown: bool `[ways]`, of `adapt`: the classes to choose from, at least one.
          support_images: float32 `[S, H, W, C]` in [0, 1], those `adapt` was given.
          query_images: float32 `[Q, H, W, C]` in [0, 1].

        Returns:
          "logits" and "probabilities", float32 `[Q, ways]`.
        """
        query_images = self._checked(query_images, "query_images")
        support_images = self._checked(support_images, "support_images")
        weights = self._checked_weights(weights)
        shown = checked_shown(shown, self._ways_of_weights(weights))
        logits = self._independent_logits(weights, support_images, query_images)
        return _predictions(tf.where(shown, logits, logits.dtype.min))

    def predict_transductive(
        self, weights: tf.Tensor, shown: tf.Tensor, query_images: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Like `predict`, with all queries as one batch.

        Its statistics normalise it, so the answer to a query depends on the others.
        With all classes shown it answers as `adapt_and_predict_transductive` does.
        """
        query_images = self._checked(query_images, "query_images")
        weights = self._checked_weights(weights)
        shown = checked_shown(shown, self._ways_of_weights(weights))
        logits = self._logits_of_one_batch(weights, query_images)
        return _predictions(tf.where(shown, logits, logits.dtype.min))

    # What `AdaptAndPredictAnyWays` does otherwise.

    def _ways_of_labels(self, labels: tf.Tensor) -> int | tf.Tensor:
        """The number of classes that a call is about, given its support labels."""
        return self._model.ways

    def _ways_of_weights(self, weights: tf.Tensor) -> int | tf.Tensor:
        """The number of classes that a call is about, given adapted weights."""
        return self._model.ways

    def _checked_weights(self, weights: tf.Tensor) -> tf.Tensor:
        return checked_weights(weights, self._model.num_weights)

    def _checked_labels(self, labels: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        return checked_labels(labels, images, self._model.ways)

    def _batch_size(self, ways: int | tf.Tensor) -> int | tf.Tensor:
        """The number of images in an inner batch."""
        return self._config.scoring_inner_batch_size

    def _begin(self, ways: int | tf.Tensor) -> LearnerState:
        """Where an episode of so many classes begins."""
        adam = AdamState(*map(tf.convert_to_tensor, self._state.adam))
        return LearnerState(tf.convert_to_tensor(self._state.weights), adam)

    def _independent_logits(
        self, weights: tf.Tensor, support_images: tf.Tensor, query_images: tf.Tensor
    ) -> tf.Tensor:
        """See `logits_with_support`: `-> [Q, 1, ways]`."""
        return logits_with_support(self._model, weights, support_images, query_images)

    def _logits_of_one_batch(self, weights: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """`[P]`, `[Q, H, W, C]` -> `[Q, 1, ways]`."""
        return tf.cond(
            tf.shape(images)[0] > 0,
            lambda: self._model.logits(weights, images),
            # TensorFlow's convolutions fail on no images at all.
            lambda: tf.zeros([0, 1, self._ways_of_weights(weights)]),
        )

    def _checked(self, images: tf.Tensor, name: str) -> tf.Tensor:
        return checked_images(images, name, self._model.image_shape)

    def _checked_support(
        self, support_images: tf.Tensor, support_labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        images = self._checked(support_images, "support_images")
        return images, self._checked_labels(support_labels, images)

    def _adapted_weights(
        self, support_images: tf.Tensor, support_labels: tf.Tensor
    ) -> tf.Tensor:
        ways = self._ways_of_labels(support_labels)
        batch_size = self._batch_size(ways)
        num_images = tf.shape(support_labels)[0]
        num_iterations = num_inner_iterations(self._config, num_images, batch_size)
        positions = support_batches(
            support_labels,
            ways,
            num_iterations,
            batch_size,
            balanced=self._balanced,
        )

        def batch_at(i):
            images = tf.gather(support_images, positions[i])
            return images, tf.gather(support_labels, positions[i])[:, tf.newaxis]

        begin = self._begin(ways)
        adapted, _, _ = adapt(
            self._model,
            begin.weights,
            begin.adam,
            batch_at,
            num_iterations,
            self._adam,
        )
        return adapted


def _predictions(logits: tf.Tensor) -> dict[str, tf.Tensor]:
    """`[Q, 1, ways]` -> what a signature returns."""
    logits = logits[:, 0]
    return {"logits": logits, "probabilities": tf.nn.softmax(logits)}


def export_saved_model(module: AdaptAndPredict, directory: str) -> None:
    """Writes the SavedModel, which loads with TensorFlow alone."""
    tf.saved_model.save(module, directory, signatures=dict(module.signatures))
