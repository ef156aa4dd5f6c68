"""One network trained in full, scored on classes it has not seen, and exported."""

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Sequence

import numpy as np

from autometa_tf.candidates.candidate import (
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
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.meta_training import restored_learner, train_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.networks.network_kinds import Network, network_to_json


@dataclasses.dataclass(frozen=True)
class _Trained:
    """A trained network, ready to be scored.

    Attributes:
      network: What it is.
      model: E copies of it.
      state: What its learner has learned.
    """

    network: Network
    model: ParallelModel
    state: LearnerState


def train_in_full(
    network: Network,
    experiment: ExperimentConfig,
    splits: ClassSplits,
    run: RunDirectory,
    *,
    report: Reporter = report_nothing,
) -> RunSummary:
    """Trains, scores and exports a network; goes on where an earlier call was killed.

    Leaves checkpoints, the training's curve, the accuracy of each episode and the
    SavedModel in the run's folder.

    Args:
      network: The cell, or conv4.
      experiment: Its `final` is how the network is trained and scored.
      splits: Trained on the train classes, scored on those of `final_split`.
      run: The run's folder, begun with the experiment.
      report: Called with each `TrainingProgress`.

    Returns:
      How it ended, but for the run's seconds, which the run's folder knows.
    """
    config = experiment.final
    learner = train_learner(network, experiment, splits.train, run, report)
    trained = _trained(network, config, learner.state())
    accuracy = _score(trained, experiment, splits, run, report)
    # Of TensorFlow's operations alone, so that it runs everywhere.
    model = make_model(network, config, 1, batch_last=False)
    _export(model, learner.state(), config, run)
    return RunSummary(
        network=network, num_parameters=model.num_weights, accuracy=accuracy
    )


def score_trained(
    network: Network,
    experiments: Sequence[ExperimentConfig],
    splits: ClassSplits,
    run: RunDirectory,
    *,
    report: Reporter = report_nothing,
) -> list[SplitAccuracy]:
    """Scores what `train_in_full` has trained; keeps, and goes on with, its episodes.

    Args:
      network: What was trained.
      experiments: That of the run under each protocol; see `with_protocol`.
      splits: The class splits.
      run: The run's folder.
      report: Called with each `TrainingProgress`.

    Returns:
      What is reached under each protocol.

    Raises:
      ValueError: The training has not ended.
    """
    config = experiments[0].final
    learner = restored_learner(network, config, splits.train, run)
    total = config.reptile.outer_iterations
    if learner.iteration != total:
        raise ValueError(
            f"`run_dir` must hold a network trained for {total} outer iterations. "
            f"Received: {run.path!r}, with {learner.iteration}."
        )
    trained = _trained(network, config, learner.state())
    return [_score(trained, each, splits, run, report) for each in experiments]


def _trained(
    network: Network, config: CandidateConfig, state: LearnerState
) -> _Trained:
    model = make_model(network, config, parallel_episodes(config, network))
    return _Trained(network, model, state)


def _score(
    trained: _Trained,
    experiment: ExperimentConfig,
    splits: ClassSplits,
    run: RunDirectory,
    report: Reporter,
) -> SplitAccuracy:
    """Scores under an experiment's protocol; each episode is kept as it comes."""
    config, split = experiment.final, experiment.full_training.final_split
    path = run.accuracies_file(run.experiment, experiment)
    file = AccuracyFile(path, _description(trained.network, config, split))
    total = config.scoring.num_scoring_episodes
    first = len(file.read())
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
                split=split,
            )
        )

    if first < total:
        run.add_scored("final", split, config)
        scorer = make_scorer(trained.model, config, getattr(splits, split), split)
        scorer.accuracies(trained.state, first=first, on_progress=keep)
    transductive, independent = map(summarize_accuracies, file.read()[:total].T)
    return SplitAccuracy(
        split=split, transductive=transductive, non_transductive=independent
    )


def _description(network: Network, config: CandidateConfig, split: str) -> str:
    """What the accuracies of an episode depend on, but for rounding."""
    fields = dataclasses.asdict(config)
    del fields["scoring"]["num_scoring_episodes"], fields["computation"]
    genome = network_to_json(network)
    return json.dumps({"genome": genome, "split": split, "config": fields})


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
        config.scoring_adam,
        class_balanced_batches=config.reptile.class_balanced_batches,
    )
    try:
        export_saved_model(module, unfinished)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(unfinished, target)
    finally:  # The disk may be full, and this is in the way of whoever makes room.
        shutil.rmtree(unfinished, ignore_errors=True)
