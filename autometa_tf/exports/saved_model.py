"""Exports a learner as a SavedModel that adapts itself to new classes.

Letters: `S` support images, `Q` query images, `H, W, C` the image shape.
"""

import tensorflow as tf

from autometa_tf.episodes.sampler import batches_of_shuffles
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.adapt import adapt
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring import logits_with_support
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.learners.signature_inputs import checked_images, checked_labels


class AdaptAndPredict(tf.Module):
    """Learns classes from a support set, then classifies query images.

    Args:
      model: One copy of the network.
      state: What meta-training learned.
      config: Inner iterations and batch size, as in scoring.
      adam: The inner optimizer.
    """

    def __init__(
        self,
        model: ParallelModel,
        state: LearnerState,
        config: ScoringConfig,
        adam: AdamConfig,
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
        self._state = tf.nest.map_structure(
            lambda value: tf.Variable(value, trainable=False), state
        )

    def signatures(self) -> dict:
        """Concrete functions by signature name; see `adapt_and_predict`."""
        images = tf.TensorSpec([None, *self._model.image_shape], tf.float32)
        labels = tf.TensorSpec([None], tf.int32)
        independent = tf.function(
            self.adapt_and_predict, autograph=False
        ).get_concrete_function(
            support_images=images, support_labels=labels, query_images=images
        )
        transductive = tf.function(
            self.adapt_and_predict_transductive, autograph=False
        ).get_concrete_function(
            support_images=images, support_labels=labels, query_images=images
        )
        return {
            "serving_default": independent,
            "adapt_and_predict": independent,
            "adapt_and_predict_transductive": transductive,
        }

    def adapt_and_predict(self, support_images, support_labels, query_images):
        """Classifies each query on its own, in one batch with the support set.

        Args:
          support_images: float32 `[S, H, W, C]` in [0, 1], S at least 1.
          support_labels: int32 `[S]` in [0, ways).
          query_images: float32 `[Q, H, W, C]` in [0, 1].

        Returns:
          "logits" and "probabilities", float32 `[Q, ways]`.
        """
        query_images = self._checked(query_images, "query_images")
        support_images = self._checked(support_images, "support_images")
        weights = self._adapted_weights(support_images, support_labels)
        return _predictions(
            logits_with_support(self._model, weights, support_images, query_images)
        )

    def adapt_and_predict_transductive(
        self, support_images, support_labels, query_images
    ):
        """Like `adapt_and_predict`, with all queries as one batch.

        Its statistics normalise it, so the answer to a query depends on the others.
        """
        query_images = self._checked(query_images, "query_images")
        support_images = self._checked(support_images, "support_images")
        weights = self._adapted_weights(support_images, support_labels)
        logits = tf.cond(
            tf.shape(query_images)[0] > 0,
            lambda: self._model.logits(weights, query_images),
            # TensorFlow's convolutions fail on no images at all.
            lambda: tf.zeros([0, 1, self._model.ways]),
        )
        return _predictions(logits)

    def _checked(self, images, name: str):
        return checked_images(images, name, self._model.image_shape)

    def _adapted_weights(self, support_images, support_labels):
        config = self._config
        support_labels = checked_labels(
            support_labels, support_images, self._model.ways
        )
        num_images = tf.shape(support_labels)[0]
        needed = config.scoring_inner_iterations * config.scoring_inner_batch_size
        num_shuffles = -(-needed // tf.maximum(num_images, 1))
        uniform = tf.random.stateless_uniform(
            [1, num_shuffles, num_images], seed=[0, 0], alg="philox"
        )
        positions = batches_of_shuffles(
            uniform, config.scoring_inner_iterations, config.scoring_inner_batch_size
        )[0]

        def batch_at(i):
            images = tf.gather(support_images, positions[i])
            return images, tf.gather(support_labels, positions[i])[:, tf.newaxis]

        state = AdamState(*map(tf.convert_to_tensor, self._state.adam))
        weights = tf.convert_to_tensor(self._state.weights)
        adapted, _, _ = adapt(
            self._model,
            weights,
            state,
            batch_at,
            config.scoring_inner_iterations,
            self._adam,
        )
        return adapted


def _predictions(logits):
    """`[Q, 1, ways]` -> what a signature returns."""
    logits = logits[:, 0]
    return {"logits": logits, "probabilities": tf.nn.softmax(logits)}


def export_saved_model(module: AdaptAndPredict, directory: str) -> None:
    """Writes the SavedModel, which loads with TensorFlow alone."""
    tf.saved_model.save(module, directory, signatures=module.signatures())
