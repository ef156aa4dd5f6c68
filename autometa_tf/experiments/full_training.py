"""One network trained in full, scored on the test classes and exported."""

import dataclasses
import json
import os
import shutil
import time

import numpy as np
import tensorflow as tf

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments.accuracy_file import AccuracyFile
from autometa_tf.experiments.events import (
    Reporter,
    TrainingProgress,
    report_nothing,
)
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, TestAccuracy
from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.distribution import make_distribution
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.networks.network_kinds import Network, network_to_json

# How long a compiled call should last, so that progress is told and checkpoints are
# made when due, and the call itself costs nothing.
_SECONDS_PER_CALL = 5.0


def train_in_full(
    network: Network,
    config: CandidateConfig,
    splits: ClassSplits,
    run: RunDirectory,
    *,
    strategy: str = "default",
    report: Reporter = report_nothing,
) -> RunSummary:
    """Trains, scores and exports a network; goes on where an earlier call was killed.

    Leaves checkpoints, the training's curve, the accuracy of each test episode and the
    SavedModel in the run's folder.

    Args:
      network: The cell, or conv4.
      config: Its `reptile` and `scoring` are those of the full training.
      splits: Trained on the train classes, scored on the test classes.
      run: The run's folder.
      strategy: Over which devices to train, a name of `make_distribution`.
      report: Called with each `TrainingProgress`.

    Returns:
      How it ended, but for the run's seconds, which the run's folder knows.
    """
    learner, checkpoints = _restored_learner(network, config, splits, run, strategy)
    _train(learner, checkpoints, run.training_log_path, report)
    accuracy = _score(network, config, splits, learner.state(), run, report)
    # Of TensorFlow's operations alone, so that it runs everywhere.
    model = make_model(network, config, 1, batch_last=False)
    _export(model, learner.state(), config, run)
    return RunSummary(
        network=network, num_parameters=model.num_weights, test_accuracy=accuracy
    )


def score_trained(
    network: Network,
    config: CandidateConfig,
    splits: ClassSplits,
    run: RunDirectory,
    *,
    report: Reporter = report_nothing,
) -> TestAccuracy:
    """Scores what `train_in_full` has trained; keeps, and goes on with, its episodes.

    Raises:
      ValueError: the training has not ended.
    """
    learner, _ = _restored_learner(network, config, splits, run, "default")
    total = config.reptile.outer_iterations
    if learner.iteration != total:
        raise ValueError(
            f"`run_dir` must hold a network trained for {total} outer iterations. "
            f"Received: {run.path!r}, with {learner.iteration}."
        )
    return _score(network, config, splits, learner.state(), run, report)


def _restored_learner(
    network: Network,
    config: CandidateConfig,
    splits: ClassSplits,
    run: RunDirectory,
    strategy: str,
) -> tuple[ReptileLearner, LearnerCheckpoints]:
    """The learner where its checkpoints end, and the checkpoints."""
    distribution = make_distribution(strategy)
    copies = parallel_episodes(
        config, network, num_replicas=distribution.num_replicas_in_sync
    )
    model = make_model(network, config, copies)
    learner = make_learner(model, config, splits.train, distribution)
    checkpoints = LearnerCheckpoints(learner, run.checkpoints_path)
    checkpoints.restore_latest()
    return learner, checkpoints


def _train(
    learner: ReptileLearner,
    checkpoints: LearnerCheckpoints,
    log_dir: str,
    report: Reporter,
) -> None:
    """Runs the outer iterations that are left, in calls of a few seconds."""
    total, begun, start = learner.config.outer_iterations, learner.iteration, None
    writer = tf.summary.create_file_writer(log_dir)
    num_iterations = 1
    while left := total - learner.iteration:
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


def _score(
    network: Network,
    config: CandidateConfig,
    splits: ClassSplits,
    state: LearnerState,
    run: RunDirectory,
    report: Reporter,
) -> TestAccuracy:
    """Scores on the test episodes; each is kept as it comes."""
    file = AccuracyFile(run.accuracies_path, _description(network, config))
    total = config.scoring.num_scoring_episodes
    first = len(file.read())
    copies = parallel_episodes(config, network)
    model = make_model(network, config, copies)
    scorer = make_scorer(model, config, splits.test, "test")
    start, kept = time.monotonic(), 0

    def keep(accuracies: np.ndarray) -> None:
        nonlocal kept
        file.append(first + kept, accuracies[kept:])
        kept = len(accuracies)
        left = total - first - kept
        report(
            TrainingProgress(
                phase="scoring",
                done=total - left,
                total=total,
                seconds_left=left * (time.monotonic() - start) / kept,
                value=float(accuracies[:, 0].mean()),
            )
        )

    if first < total:
        scorer.accuracies(state, first=first, on_progress=keep)
    transductive, independent = map(summarize_accuracies, file.read()[:total].T)
    return TestAccuracy(transductive=transductive, non_transductive=independent)


def _description(network: Network, config: CandidateConfig) -> str:
    """What the accuracies of an episode depend on, but for rounding."""
    config = dataclasses.asdict(config)
    del config["scoring"]["num_scoring_episodes"], config["computation"]
    return json.dumps({"genome": network_to_json(network), "config": config})


def _export(
    model: ParallelModel,
    state: LearnerState,
    config: CandidateConfig,
    run: RunDirectory,
) -> None:
    """Writes the SavedModel whole or not at all."""
    target = run.saved_model_path
    unfinished = f"{os.path.dirname(target)}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    module = AdaptAndPredict(
        model,
        state,
        config.scoring,
        config.reptile.adam_after(),
        class_balanced_batches=config.reptile.class_balanced_batches,
    )
    try:
        export_saved_model(module, unfinished)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(unfinished, target)
    finally:  # The disk may be full, and this is in the way of whoever makes room.
        shutil.rmtree(unfinished, ignore_errors=True)
