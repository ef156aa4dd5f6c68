"""Exports a learner with a shared head, which learns any number of classes.

The number of classes of a call is found in the graph: from the support labels where it
learns, from the adapted weights where it answers.
"""

import tensorflow as tf

from autometa_tf.exports.saved_model import AdaptAndPredict
from autometa_tf.learners.any_ways_model import AnyWaysModel
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.scoring import logits_with_support
from autometa_tf.learners.scoring_config import balanced_batch_size
from autometa_tf.learners.shared_head import resize_state
from autometa_tf.learners.signature_inputs import (
    checked_class_numbers,
    checked_weights_of_any_ways,
)


class AdaptAndPredictAnyWays(AdaptAndPredict):
    """Learns classes, of whatever number, from a support set, and classifies queries.

    Signatures are those of `AdaptAndPredict`, but `ways` is the number of classes of a
    call: support labels are in [0, ways), each with at least one image, and `P` and the
    shapes of answers follow. With `class_balanced_batches` an inner batch is the
    smallest that holds every class equally often and as many images as configured.

    Args:
      model: An `AnyWaysModel`, whose weights were trained with a shared head.
      state: What meta-training learned.
      config: Inner iterations and batch size, as in scoring.
      adam: The inner optimizer.
      class_balanced_batches: As in `ReptileConfig`.
    """

    _model: AnyWaysModel

    def _ways_of_labels(self, labels: tf.Tensor) -> tf.Tensor:
        return tf.reduce_max(labels) + 1

    def _ways_of_weights(self, weights: tf.Tensor) -> tf.Tensor:
        return self._model.ways_of(weights)

    def _checked_weights(self, weights: tf.Tensor) -> tf.Tensor:
        return checked_weights_of_any_ways(weights, self._model.has_ways)

    def _checked_labels(self, labels: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        return checked_class_numbers(labels, images)

    def _batch_size(self, ways: tf.Tensor) -> int | tf.Tensor:
        size = self._config.scoring_inner_batch_size
        return balanced_batch_size(size, ways) if self._balanced else size

    def _begin(self, ways: tf.Tensor) -> LearnerState:
        state = super()._begin(ways)
        return resize_state(state, self._model.head, self._model.ways, ways)

    def _independent_logits(
        self, weights: tf.Tensor, support_images: tf.Tensor, query_images: tf.Tensor
    ) -> tf.Tensor:
        return tf.cond(
            tf.shape(query_images)[0] > 0,
            lambda: logits_with_support(
                self._model, weights, support_images, query_images
            ),
            # A loop of no turns does not know how many columns its answers have.
            lambda: tf.zeros([0, 1, self._ways_of_weights(weights)]),
        )
