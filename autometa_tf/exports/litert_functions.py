"""A learner as three functions of fixed sizes in operations that LiteRT has built in.

Letters: `N` classes, `S` support images and `B` images of a batch that there is room
for, `H, W, C` the image shape, `P` weights.
"""

import math

import tensorflow as tf

from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.exports.litert_settings import LiteRTSettings
from autometa_tf.learners.adam import AdamState, adam_update
from autometa_tf.learners.shared_head import resize_state
from autometa_tf.networks.forward_operations import cross_entropy
from autometa_tf.networks.layer_factory import ForwardFactory
from autometa_tf.networks.network import head_weights, network_of
from autometa_tf.networks.network_config import Task

# Taken from the logits of classes that are not shown: their probability is 0.
_NEVER = 1e9


class LiteRTFunctions:
    """Begins, learns one batch, and answers; what it has learned it hands out.

    The state is what the settings name: "weights" `[P]`, Adam's moments `[P]` and its
    "step", float32. Apart from it, what tells images and classes from empty places is
    `present` and `shown`, 1 where there is one and 0 where there is none.

    Args:
      parts: The learner.
      settings: For how many classes and images there is room.

    Attributes:
      head: Where the dense layer's weights lie; its last axis is the classes'.
    """

    def __init__(self, parts: LearnerParts, settings: LiteRTSettings):
        self._settings = settings
        self._adam = parts.adaptation.adam
        task = Task(image_shape=parts.task.image_shape, ways=settings.ways)
        self._model = network_of(
            parts.network, parts.network_config, task, ForwardFactory()
        )
        self.head = head_weights(self._model)
        trained_head = slice(self.head.start, int(parts.state.weights.shape[0]))
        state = resize_state(parts.state, trained_head, parts.task.ways, settings.ways)
        self._shapes = [tuple(v.shape) for v in self._model.trainable_variables]
        values = {"weights": state.weights, **state.adam._asdict()}
        self._begin = {name: values[name].numpy() for name in settings.state}

    def signatures(self) -> dict[str, tf.types.experimental.ConcreteFunction]:
        """`start`, `step` and `predict` with their fixed sizes, by name."""
        settings, state = self._settings, self._begin
        specs = {name: tf.TensorSpec(x.shape, tf.float32) for name, x in state.items()}
        shown = {"shown": tf.TensorSpec([settings.ways], tf.float32)}

        def images_of(name: str, number: int) -> dict[str, tf.TensorSpec]:
            return {name: tf.TensorSpec([number, *settings.image_shape], tf.float32)}

        def present_of(number: int) -> dict[str, tf.TensorSpec]:
            return {"present": tf.TensorSpec([number], tf.float32)}

        size = settings.batch_size
        arguments = {
            "start": {"zero": tf.TensorSpec([1], tf.float32)},
            "step": specs
            | images_of("images", size)
            | {"labels": tf.TensorSpec([size], tf.int32)}
            | present_of(size)
            | shown,
            "predict": {"weights": specs["weights"]}
            | images_of("support", settings.support_size)
            | present_of(settings.support_size)
            | images_of("query", 1)
            | shown,
        }
        return {
            name: tf.function(
                getattr(self, name), autograph=False
            ).get_concrete_function(**given)
            for name, given in arguments.items()
        }

    def start(self, zero: tf.Tensor) -> dict[str, tf.Tensor]:
        """Where learning begins.

        Args:
          zero: float32 `[1]`, 0; signatures that only hand out constants are unusual.

        Returns:
          The state.
        """
        zero = tf.reshape(zero, [])
        # Outputs of equal values would become one tensor, and LiteRT's CompiledModel
        # has no buffer for the second: so each is computed in a way of its own.
        return {
            name: value + zero * float(number)
            for number, (name, value) in enumerate(self._begin.items(), start=1)
        }

    def step(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        present: tf.Tensor,
        shown: tf.Tensor,
        **state: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Learns one batch.

        Args:
          images: float32 `[B, H, W, C]` in [0, 1].
          labels: int32 `[B]` in [0, N).
          present: float32 `[B]`, at least one of them 1.
          shown: float32 `[N]`, of the whole support set.
          **state: What `start` or the `step` before has returned.

        Returns:
          The state, and "loss", the mean cross-entropy before this step.
        """
        weights, shares = state["weights"], present / tf.reduce_sum(present)
        one_hot = tf.one_hot(labels, self._settings.ways)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            logits = self._logits(weights, images, shares, shown)
            loss = cross_entropy(logits, one_hot, shares)
        none = tf.zeros([0])
        adam = AdamState(
            state.get("first_moments", none), state["second_moments"], state["step"]
        )
        gradient = tape.gradient(loss, weights)
        weights, adam = adam_update(weights, gradient, adam, self._adam)
        values = {"weights": weights, **adam._asdict()}
        return {name: values[name] for name in state} | {"loss": loss}

    def predict(
        self,
        weights: tf.Tensor,
        support: tf.Tensor,
        present: tf.Tensor,
        query: tf.Tensor,
        shown: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Classifies an image in one batch with the support set.

        Args:
          weights: float32 `[P]`, of the last step.
          support: float32 `[S, H, W, C]` in [0, 1].
          present: float32 `[S]`.
          query: float32 `[1, H, W, C]` in [0, 1].
          shown: float32 `[N]`.

        Returns:
          "probabilities", float32 `[N]`; 0 for classes that are not shown.
        """
        images = tf.concat([support, query], axis=0)
        present = tf.concat([present, [1.0]], axis=0)
        shares = present / tf.reduce_sum(present)
        logits = self._logits(weights, images, shares, shown)[-1:]
        return {"probabilities": tf.reshape(tf.nn.softmax(logits), [-1])}

    def _logits(
        self,
        weights: tf.Tensor,
        images: tf.Tensor,
        shares: tf.Tensor,
        shown: tf.Tensor,
    ) -> tf.Tensor:
        """`[P]`, images, their shares in the statistics -> `[images, N]`."""
        parts = tf.split(weights, [math.prod(shape) for shape in self._shapes])
        variables = list(map(tf.reshape, parts, self._shapes))
        logits, _ = self._model.stateless_call(variables, [], [images, shares])
        return logits + (shown - 1.0) * _NEVER
