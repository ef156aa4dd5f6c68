"""The meta-training of a run: from where its checkpoints end to its last iteration."""

import time

import tensorflow as tf

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.shrunk_classes import shrunk_classes
from autometa_tf.experiments.events import Reporter, TrainingProgress
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.start_learner import begin_from_start
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.distribution import make_distribution
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network_kinds import Network

# How long a compiled call should last, so that progress is told and checkpoints are
# made when due, and the call itself costs nothing.
_SECONDS_PER_CALL = 5.0


def train_learner(
    network: Network,
    experiment: ExperimentConfig,
    train: ClassImages,
    run: RunDirectory,
    report: Reporter,
) -> ReptileLearner:
    """Trains a network in full, or goes on with that; leaves checkpoints and a curve.

    Args:
      network: The cell, or conv4.
      experiment: Its `final` is how the network is trained.
      train: The classes it is trained on.
      run: The run's folder.
      report: Called with each `TrainingProgress`.

    Returns:
      The learner after its last iteration.

    Raises:
      ValueError: There is to be a first part with smaller images, but the network's
        weights are for one size.
    """
    strategy = experiment.distribution.strategy
    learner = restored_learner(network, experiment.final, train, run, strategy)
    if not learner.iteration:
        begin_from_start(learner, run)
    first = experiment.full_training.first_outer_iterations
    if learner.iteration < first:
        # Another learner makes the first part, from all that this one carries on to all
        # that it then carries on. So either may write a checkpoint and either read it.
        config = experiment.first_part
        train = shrunk_classes(train, config.image_shape[0])
        smaller = _make_learner(network, config, train, strategy)
        if smaller.model.num_weights != learner.model.num_weights:
            raise ValueError(
                "`first_image_size` must be 0 for a network whose weights are for one "
                f"size of images, as conv4's are. Received: {config.image_shape[0]}."
            )
        smaller.restore(learner.slots())
        _train(smaller, first, run, report)
        learner.restore(smaller.slots())
    _train(learner, learner.config.outer_iterations, run, report)
    return learner


def restored_learner(
    network: Network,
    config: CandidateConfig,
    train: ClassImages,
    run: RunDirectory,
    strategy: str = "default",
) -> ReptileLearner:
    """The learner of whole images, where the run's checkpoints end."""
    learner = _make_learner(network, config, train, strategy)
    LearnerCheckpoints(learner, run.checkpoints_path).restore_latest()
    return learner


def _make_learner(
    network: Network, config: CandidateConfig, train: ClassImages, strategy: str
) -> ReptileLearner:
    distribution = make_distribution(strategy)
    copies = parallel_episodes(
        config, network, num_replicas=distribution.num_replicas_in_sync
    )
    model = make_model(network, config, copies)
    return make_learner(model, config, train, distribution)


def _train(
    learner: ReptileLearner, until: int, run: RunDirectory, report: Reporter
) -> None:
    """Makes the outer iterations that are left up to one, in calls of a few seconds."""
    checkpoints = LearnerCheckpoints(learner, run.checkpoints_path)
    total, begun, start = learner.config.outer_iterations, learner.iteration, None
    writer = tf.summary.create_file_writer(run.training_log_path)
    num_iterations = 1
    while left := until - learner.iteration:
        call_start = time.monotonic()
        num_iterations = min(num_iterations, left)
        loss = learner.run(num_iterations)
        checkpoints.save_when_due()
        with writer.as_default(step=learner.iteration):
            tf.summary.scalar("training_loss", loss)
        now = time.monotonic()
        seconds_left = None
        if start is None:  # The first call traces, which tells nothing about speed.
            begun, start = learner.iteration, now
        else:
            rate = (learner.iteration - begun) / (now - start)
            if until == total:  # What comes after a first part has another speed.
                seconds_left = (total - learner.iteration) / rate
            faster = _SECONDS_PER_CALL / (now - call_start)
            num_iterations = max(1, int(num_iterations * min(2.0, faster)))
        report(
            TrainingProgress(
                phase="training",
                done=learner.iteration,
                total=total,
                seconds_left=seconds_left,
                value=loss,
            )
        )
    checkpoints.save()
    writer.close()
