"""What `release_learner` does once TensorFlow is loaded."""

import dataclasses
import os
from collections.abc import Sequence

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.experiments import evaluate_job
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.export_trained import adaptation_of
from autometa_tf.experiments.full_training import trained_learner
from autometa_tf.experiments.learner_card import (
    LearnerCard,
    ProtocolScore,
    public_command,
)
from autometa_tf.experiments.learner_folder import write_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import SplitAccuracy


def run(
    run: RunDirectory,
    experiments: Sequence[ExperimentConfig],
    folder: str | os.PathLike[str],
    report: Reporter,
) -> LearnerCard:
    """Scores what is not scored yet and writes the folder; see `jobs.release`."""
    own = run.experiment
    splits = evaluate_job.load_to_score(run, experiments, {}, report)
    accuracies = evaluate_job.score_again(run, experiments, splits, report)
    learner = trained_learner(run.network, ComputationConfig(), splits, run)
    card = LearnerCard(
        version=run.read_config()["version"],
        dataset=own.data.dataset,
        train_classes=splits.train.num_classes,
        image_shape=own.data.image_shape,
        ways=own.episodes.ways,
        network_config=own.network,
        adaptation=adaptation_of(own.final),
        outer_iterations=learner.iteration,
        num_parameters=learner.model.num_weights,
        command=public_command(run.command),
        scores=tuple(map(_protocol_score, experiments, accuracies)),
    )
    write_learner(folder, run.network, learner.state(), card)
    return card


def _protocol_score(
    experiment: ExperimentConfig, accuracy: SplitAccuracy
) -> ProtocolScore:
    config = experiment.final
    return ProtocolScore(
        ways=config.episodes.ways,
        shots=config.episodes.shots,
        queries_per_class=config.scoring.queries_per_class,
        inner_iterations=config.scoring.scoring_inner_iterations,
        inner_batch_size=config.scoring.scoring_inner_batch_size,
        inner_learning_rate=config.scoring_adam.inner_learning_rate,
        **{
            field.name: getattr(accuracy, field.name)
            for field in dataclasses.fields(accuracy)
        },
    )
