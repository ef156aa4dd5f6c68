"""Scores a meta-trained learner on seeded episodes, transductive and not.

Letters: `E` episodes side by side, `N` ways, `S` support images and `Q` query images of
an episode.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from autometa_tf.episodes.sampler import ClassTensors, EpisodeSampler
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.adapt import adapt
from autometa_tf.learners.devices import operations_at_once
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig

# Groups of E episodes in one compiled call: enough to make the call's cost vanish, few
# enough to tell of progress.
_GROUPS_PER_CALL = 10


class EpisodeScorer:
    """Adapts to seeded episodes and classifies their query images.

    Episode `i` is the same for every learner that is scored with the same sampler.
    Each begins from the learner's weights and Adam state and leaves them untouched.

    Args:
      model: E copies of the network.
      episodes: Draws `shots + queries_per_class` images of each class, the support
        first. So more queries keep the support and the queries of fewer.
      config: How to score.
      adam: The inner optimizer.
      class_balanced_batches: As in `ReptileConfig`.
    """

    def __init__(
        self,
        model: ParallelModel,
        episodes: EpisodeSampler,
        config: ScoringConfig,
        adam: AdamConfig,
        *,
        class_balanced_batches: bool = False,
    ):
        if episodes.images_per_class <= config.queries_per_class:
            raise ValueError(
                f"`episodes` must draw at least {config.queries_per_class + 1} images "
                f"of each class, support and query. Received: "
                f"{episodes.images_per_class}."
            )
        self.config = config
        self._model = model
        self._episodes = episodes
        self._adam = adam
        self._balanced = class_balanced_batches
        self._score_groups = tf.function(self._score_groups_eagerly, autograph=False)

    def accuracies(
        self, state: LearnerState, first: int = 0, on_progress: Callable | None = None
    ) -> np.ndarray:
        """Accuracy on each episode from `first` on, float64 `[episodes, 2]`.

        An episode's accuracy is the mean over its Q queries. Column 0 is transductive:
        the queries are classified as one batch, which supplies the statistics of batch
        normalisation. Column 1 is not: each query is classified in one batch with the
        whole support set (Nichol et al. 2018, section 6.1).

        Args:
          state: The learner.
          first: The first episode to score.
          on_progress: Called with the accuracies so far, after every few episodes.
        """
        copies = self._model.num_parallel_episodes
        total = self.config.num_scoring_episodes - first
        num_queries = self._episodes.ways * self.config.queries_per_class
        results = np.zeros([0, 2])
        score_groups = self.traced(state)
        while len(results) < total:
            groups = min(_GROUPS_PER_CALL, -(-(total - len(results)) // copies))
            starts = first + len(results) + copies * np.arange(groups, dtype=np.int64)
            correct = score_groups(tf.constant(starts), self._episodes.classes, state)
            part = correct.numpy().reshape(-1, 2) / num_queries
            results = np.concatenate([results, part])[:total]
            if on_progress:
                on_progress(results)
        return results

    def traced(self, state: LearnerState) -> tf.types.experimental.ConcreteFunction:
        """What scores such a learner as this, traced once, which takes a second.

        It serves calls with any number of groups.
        """
        return self._score_groups.get_concrete_function(
            tf.TensorSpec([None], tf.int64), self._episodes.classes, state
        )

    def _score_groups_eagerly(
        self, starts: tf.Tensor, classes: ClassTensors, state: LearnerState
    ) -> tf.Tensor:
        """`[groups]` -> the number of right answers `[groups, E, 2]`."""
        return tf.map_fn(
            lambda start: self._score_group(start, classes, state),
            starts,
            fn_output_signature=tf.int32,
            parallel_iterations=min(_GROUPS_PER_CALL, operations_at_once()),
        )

    def _score_group(
        self, start: tf.Tensor, classes: ClassTensors, state: LearnerState
    ) -> tf.Tensor:
        model, config, sampler = self._model, self.config, self._episodes
        copies, per_class = model.num_parallel_episodes, config.queries_per_class
        shots = sampler.images_per_class - per_class
        num_iterations = config.num_inner_iterations(sampler.ways * shots)
        episodes = start + tf.range(copies, dtype=tf.int64)
        chosen = sampler.choose_images(classes, episodes)  # [E, N, shots + Q / N]
        rows, labels = sampler.draw_batches(
            chosen[:, :, :shots],
            episodes,
            num_iterations,
            config.scoring_inner_batch_size,
            balanced=self._balanced,
        )
        adapted, _, _ = adapt(
            model,
            model.copy(state.weights),
            state.adam._replace(
                first_moments=model.copy(state.adam.first_moments)
                if self._adam.inner_beta1
                else state.adam.first_moments,
                second_moments=model.copy(state.adam.second_moments),
            ),
            lambda i: (model.gather(classes.images, rows[i]), labels[i]),
            num_iterations,
            self._adam,
        )

        def images_of(rows: tf.Tensor) -> tf.Tensor:
            rows = tf.reshape(rows, [copies, -1])
            return model.gather(classes.images, tf.transpose(rows))

        support_images = images_of(chosen[:, :, :shots])
        queries = images_of(chosen[:, :, shots:])
        logits = (
            model.logits(adapted, queries),
            logits_with_support(model, adapted, support_images, queries),
        )
        truth = tf.repeat(tf.range(sampler.ways), per_class)[:, tf.newaxis]
        right = [tf.argmax(x, -1, output_type=tf.int32) == truth for x in logits]
        return tf.stack([tf.reduce_sum(tf.cast(r, tf.int32), 0) for r in right], -1)


def logits_with_support(
    model: ParallelModel,
    weights: tf.Tensor,
    support_images: tf.Tensor,
    query_images: tf.Tensor,
) -> tf.Tensor:
    """Classifies each query in a batch of its own with the whole support set.

    So queries are independent of one another: not transductive.

    Args:
      model: E copies of the network.
      weights: Adapted weights, `[E*P]`.
      support_images: S images of each episode, as the model wants them.
      query_images: Q images of each episode, likewise.

    Returns:
      Logits `[Q, E, N]`.
    """

    axis = model.batch_axis

    def classify(i):
        query = tf.gather(query_images, [i], axis=axis)
        batch = tf.concat([support_images, query], axis=axis)
        return model.logits(weights, batch)[-1]

    return tf.map_fn(
        classify,
        tf.range(tf.shape(query_images)[axis]),
        fn_output_signature=tf.float32,
        parallel_iterations=1,
    )
