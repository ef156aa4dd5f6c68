"""One network trained in full, scored on classes it has not seen, and exported."""

import dataclasses
import json
import time
from collections.abc import Sequence

import numpy as np

from autometa_tf.candidates.candidate import (
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments.accuracy_file import AccuracyFile
from autometa_tf.experiments.events import (
    Reporter,
    TrainingProgress,
    report_nothing,
)
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.export_trained import export_trained, trained_learner_of
from autometa_tf.experiments.meta_training import restored_learner, train_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.learners.shared_head import resize_state
from autometa_tf.networks.network import head_weights
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
    trained = _trained(network, config, learner)
    accuracy = _score(trained, experiment, splits, run, report)
    scores = [(experiment, accuracy)]
    export_trained(trained_learner_of(network, run, experiment, learner, scores), run)
    num_parameters = learner.model.num_weights
    return RunSummary(network=network, num_parameters=num_parameters, accuracy=accuracy)


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
    learner = trained_learner(network, experiments[0].computation, splits, run)
    trained, accuracies = {}, []
    for each in experiments:
        ways = each.episodes.ways
        if ways not in trained:
            trained[ways] = _trained(network, each.final, learner)
        accuracies.append(_score(trained[ways], each, splits, run, report))
    return accuracies


def trained_learner(
    network: Network,
    computation: ComputationConfig,
    splits: ClassSplits,
    run: RunDirectory,
) -> ReptileLearner:
    """The learner that `train_in_full` has trained.

    Args:
      network: What was trained.
      computation: How to compute; the run may have been trained otherwise.
      splits: The class splits.
      run: The run's folder.

    Raises:
      ValueError: The training has not ended.
    """
    own = dataclasses.replace(run.experiment, computation=computation)
    learner = restored_learner(network, own.final, splits.train, run)
    total = learner.config.outer_iterations
    if learner.iteration != total:
        raise ValueError(
            f"`run_dir` must hold a network trained for {total} outer iterations. "
            f"Received: {run.path!r}, with {learner.iteration}."
        )
    return learner


def _trained(
    network: Network, config: CandidateConfig, learner: ReptileLearner
) -> _Trained:
    """The network for the ways of a protocol, of which training's are one."""
    model = make_model(network, config, parallel_episodes(config, network))
    own, state = learner.model, learner.state()
    if model.ways != own.ways:
        head = head_weights(own.model, own.num_parallel_episodes)
        state = resize_state(state, head, own.ways, model.ways)
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
