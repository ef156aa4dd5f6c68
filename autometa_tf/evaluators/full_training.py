"""One network trained in full, scored on the test classes and exported."""

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Callable

import tensorflow as tf

from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.evaluators.accuracy_file import AccuracyFile
from autometa_tf.evaluators.candidate import (
    CandidateConfig,
    make_learner,
    make_model,
    make_scorer,
)
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.reptile_learner import LearnerState
from autometa_tf.learners.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.scoring import Score, summarize_accuracies
from autometa_tf.learners.strategies import make_strategy

# How long a compiled call should last, so that progress is told and checkpoints are
# made when due, and the call itself costs nothing.
_SECONDS_PER_CALL = 5.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingProgress:
    """How far a full training is.

    Attributes:
      phase: "training" or "scoring".
      done: Outer iterations or episodes done.
      total: Outer iterations or episodes in all.
      seconds_left: Estimate for the phase; None before there is any.
      value: The training loss, or the transductive accuracy so far.
    """

    phase: str
    done: int
    total: int
    seconds_left: float | None
    value: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class FullTrainingResult:
    """What a full training ends with.

    Attributes:
      num_parameters: Of the network.
      transductive: Score on the test classes, queries classified as one batch.
      non_transductive: Score with each query classified on its own.
    """

    num_parameters: int
    transductive: Score
    non_transductive: Score


def train_in_full(
    genome: Genome | None,
    config: CandidateConfig,
    splits: ClassSplits,
    directory: str,
    *,
    strategy: str = "default",
    report: Callable[[TrainingProgress], None] = lambda progress: None,
) -> FullTrainingResult:
    """Trains, scores and exports a network; goes on where an earlier call was killed.

    Leaves in `directory`: `checkpoints/`, `tensorboard/train/`, `test_accuracies.csv`
    and `saved_model/1/`.

    Args:
      genome: The cell, or None for the conv4 baseline.
      config: Its `reptile` and `scoring` are those of the full training.
      splits: Trained on the train classes, scored on the test classes.
      directory: The run directory.
      strategy: Over which devices to train, a name of `make_strategy`.
      report: Told of the progress.
    """
    copies = config.num_parallel_episodes
    learner = make_learner(
        make_model(genome, config, copies),
        config,
        splits.train,
        make_strategy(strategy),
    )
    checkpoints = LearnerCheckpoints(learner, os.path.join(directory, "checkpoints"))
    checkpoints.restore_latest()
    _train(learner, checkpoints, os.path.join(directory, "tensorboard/train"), report)
    state = learner.state()
    accuracies = _score(genome, config, splits, state, directory, report)
    _export(make_model(genome, config, 1), state, config, directory)
    transductive, independent = map(summarize_accuracies, accuracies.T)
    return FullTrainingResult(
        num_parameters=learner.model.num_weights,
        transductive=transductive,
        non_transductive=independent,
    )


def _train(learner, checkpoints, log_dir, report) -> None:
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


def _score(genome, config, splits, state: LearnerState, directory, report):
    """Accuracies on the test episodes, `[episodes, 2]`, kept as they come."""
    model = make_model(genome, config, config.num_parallel_episodes)
    scorer = make_scorer(model, config, splits.test, "test")
    file = AccuracyFile(
        os.path.join(directory, "test_accuracies.csv"),
        json.dumps(
            {
                "genome": genome and json.loads(genome_to_json(genome)),
                "config": dataclasses.asdict(config),
            }
        ),
    )
    before = file.read()[: config.scoring.num_episodes]
    if len(before) == config.scoring.num_episodes:
        return before
    start, kept = time.monotonic(), [0]

    def keep(accuracies):
        file.append(len(before) + kept[0], accuracies[kept[0] :])
        kept[0] = len(accuracies)
        done = len(before) + len(accuracies)
        seconds_each = (time.monotonic() - start) / len(accuracies)
        report(
            TrainingProgress(
                phase="scoring",
                done=done,
                total=config.scoring.num_episodes,
                seconds_left=(config.scoring.num_episodes - done) * seconds_each,
                value=float(accuracies[:, 0].mean()),
            )
        )

    scorer.accuracies(state, first=len(before), on_progress=keep)
    return file.read()


def _export(model, state, config, directory) -> None:
    """Writes `saved_model/1` whole or not at all."""
    target = os.path.join(directory, "saved_model", "1")
    unfinished = os.path.join(directory, "saved_model.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    module = AdaptAndPredict(model, state, config.scoring, config.reptile.adam)
    export_saved_model(module, unfinished)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.replace(unfinished, target)
