"""A training that goes on from a learner, on other classes.

The run keeps a copy of the learner in a folder of its own, so that it can be resumed
wherever the learner was, and so that another learner is refused.
"""

import os
import shutil

import numpy as np

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.learner_card import LearnerCard
from autometa_tf.experiments.learner_folder import (
    TrainedLearner,
    is_learner_folder,
    read_learner,
    write_learner,
)
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.shared_head import resize_head
from autometa_tf.networks.network import head_weights


def experiment_from(
    card: LearnerCard, experiment: ExperimentConfig
) -> ExperimentConfig:
    """An experiment with the network, images and head of the learner it goes on from.

    Raises:
      ValueError: The learner is for another number of classes, or its images are not
        square.
    """
    ways, shared = experiment.episodes.ways, card.adaptation.shared_head
    if not shared and card.ways != ways:
        raise ValueError(
            f"`ways` must be {card.ways}, as the learner's training had it: only one that "
            f"was trained with `shared_head` goes on with others. Received: {ways}."
        )
    height, width, channels = card.image_shape
    if height != width:
        raise ValueError(
            "`learner` must take square images. "
            f"Received: one for {height}x{width} pixels."
        )
    network = card.network_config
    return experiment.with_fields(
        num_filters=network.num_filters,
        num_cell_repeats=network.num_cell_repeats,
        feature_scale_rate=network.feature_scale_rate,
        stem_stride=network.stem_stride,
        image_size=height,
        image_channels=channels,
        shared_head=shared,
    )


def keep_start(run: RunDirectory, start: TrainedLearner | None) -> None:
    """Keeps the learner that a run begins with, or sees that it began with the same.

    Args:
      run: The run's folder, before `begin`.
      start: The learner; None where a training begins with random weights.

    Raises:
      ValueError: The run has begun with another learner, or with none.
    """
    if not os.path.exists(run.config_path):
        # A start that its run has never come to binds nobody.
        if start is not None:
            write_learner(run.start_path, start)
        elif is_learner_folder(run.start_path):
            shutil.rmtree(run.start_path)
        return
    kept = is_learner_folder(run.start_path)
    if kept != (start is not None):
        began = "a learner" if kept else "random weights"
        raise ValueError(
            "A run must go on from what it began with. Received for "
            f"{run.path!r}, which began with {began}: "
            f"{'no `learner`' if kept else 'a `learner`'}. Give the flags it was begun "
            "with (config.json has its command), or another --run_dir."
        )
    if kept:
        before, now = (np.asarray(each.state.weights) for each in (_kept(run), start))
        if before.shape != now.shape or not np.array_equal(before, now):
            raise ValueError(
                f"`learner` must be the one that {run.path!r} began with. Received: "
                "one of other weights. Give that one, or another --run_dir."
            )


def begin_from_start(learner: ReptileLearner, run: RunDirectory) -> None:
    """Gives a learner the weights that its run begins with, where there are such.

    Its moments are those of a new training: the first inner iterations find them.

    Args:
      learner: Before its first outer iteration.
      run: The run's folder.
    """
    if not is_learner_folder(run.start_path):
        return
    start = _kept(run)
    model = learner.model
    weights = resize_head(
        start.state.weights,
        # That of the learner, whose classes may be others.
        _head(start.card, head_weights(model.model, model.num_parallel_episodes)),
        start.card.ways,
        model.ways,
    ).numpy()
    slots = learner.slots()
    learner.restore(slots._replace(weights=weights))


def _head(card: LearnerCard, head: slice) -> slice:
    """Where the head lies in a learner's weights: from the same place to the end."""
    return slice(head.start, card.num_parameters)


def _kept(run: RunDirectory) -> TrainedLearner:
    return read_learner(run.start_path)
