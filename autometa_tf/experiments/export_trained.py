"""Exports what was trained in full: it adapts as it was scored."""

import dataclasses
import os
import shutil
from collections.abc import Iterable

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.learner_card import (
    LearnerCard,
    ProtocolScore,
    public_command,
)
from autometa_tf.experiments.learner_folder import TrainedLearner, write_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import SplitAccuracy
from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network_kinds import Network

# Stands for a path in the card of a SavedModel, which may be copied anywhere.
_SAVED_MODEL = "SAVED_MODEL"


def adaptation_of(config: CandidateConfig) -> Adaptation:
    """How a learner that was trained so adapts once it is exported: as it is scored."""
    return Adaptation(
        inner_iterations=config.scoring.scoring_inner_iterations,
        support_passes=config.scoring.scoring_support_passes,
        inner_batch_size=config.scoring.scoring_inner_batch_size,
        adam=config.scoring_adam,
        class_balanced_batches=config.reptile.class_balanced_batches,
        shared_head=config.reptile.shared_head,
    )


def trained_learner_of(
    network: Network,
    run: RunDirectory,
    own: ExperimentConfig,
    learner: ReptileLearner,
    scores: Iterable[tuple[ExperimentConfig, SplitAccuracy]],
) -> TrainedLearner:
    """What a run has trained, with its card.

    Args:
      network: What was trained.
      run: The run's folder.
      own: The run's experiment, with the adaptation that the learner is to have.
      learner: The learner after its last iteration.
      scores: Under which protocols it was scored, and what it reaches there.
    """
    kept = run.read_config()
    card = LearnerCard(
        version=kept["version"],
        dataset=own.data.dataset,
        train_classes=kept["data"]["train"]["num_classes"],
        image_shape=own.data.image_shape,
        ways=own.episodes.ways,
        network_config=own.network,
        adaptation=adaptation_of(own.final),
        outer_iterations=learner.iteration,
        num_parameters=learner.model.num_weights,
        command=public_command(run.command),
        scores=tuple(_protocol_score(*each) for each in scores),
    )
    return TrainedLearner(network=network, state=learner.state(), card=card)


def _protocol_score(
    experiment: ExperimentConfig, accuracy: SplitAccuracy
) -> ProtocolScore:
    config = experiment.final
    return ProtocolScore(
        ways=config.episodes.ways,
        shots=config.episodes.shots,
        queries_per_class=config.scoring.queries_per_class,
        inner_iterations=config.num_scoring_iterations,
        inner_batch_size=config.scoring.scoring_inner_batch_size,
        inner_learning_rate=config.scoring_adam.inner_learning_rate,
        **{
            field.name: getattr(accuracy, field.name)
            for field in dataclasses.fields(accuracy)
        },
    )


def export_trained(trained: TrainedLearner, run: RunDirectory) -> None:
    """Writes a run's small learner folder, and its SavedModel whole or not at all."""
    write_learner(run.learner_path, trained)
    target = run.saved_model_path
    unfinished = f"{os.path.dirname(target)}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        trained.learner(_SAVED_MODEL).save(unfinished)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(unfinished, target)
    finally:  # The disk may be full, and this is in the way of whoever makes room.
        shutil.rmtree(unfinished, ignore_errors=True)
