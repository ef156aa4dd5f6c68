"""Drawings that are quickly learned, and a learner of them as a SavedModel."""

import numpy as np
import tensorflow as tf

from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.tiny_conv4 import tiny_conv4

SHAPE, WAYS = (8, 8, 1), 3


def export_untrained(folder: str) -> None:
    """An untrained network, which all the same learns what it is shown."""
    task = Task(image_shape=SHAPE, ways=WAYS)
    model = ParallelModel(tiny_conv4(task, num_filters=16, max_pooling=True))
    zeros = tf.zeros([model.num_weights])
    state = LearnerState(
        tf.constant(model.initial_weights()), AdamState(zeros[:0], zeros, 0.0)
    )
    scoring = ScoringConfig(scoring_inner_iterations=40, scoring_inner_batch_size=6)
    adam = AdamConfig(inner_learning_rate=0.02, inner_beta1=0.0)
    export_saved_model(AdaptAndPredict(model, state, scoring, adam), folder)


def drawings(kinds: np.ndarray, seed: int = 0) -> np.ndarray:
    """Of kind 0, 1 and 2: level, upright and slanting stripes, dark on white, uint8."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:8, :8]
    places = np.stack([rows, columns, rows + columns])[kinds]
    phases = rng.integers(0, 4, (len(kinds), 1, 1))
    images = np.where((places + phases) % 4 < 2, 40, 220)
    return (images + rng.integers(-30, 30, images.shape)).astype(np.uint8)[..., None]
