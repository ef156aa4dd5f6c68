"""What `release_learner` does once TensorFlow is loaded."""

import os
from collections.abc import Sequence

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.experiments import evaluate_job
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.export_trained import trained_learner_of
from autometa_tf.experiments.full_training import trained_learner
from autometa_tf.experiments.learner_card import LearnerCard
from autometa_tf.experiments.learner_folder import write_learner
from autometa_tf.experiments.run_directory import RunDirectory


def run(
    run: RunDirectory,
    own: ExperimentConfig,
    experiments: Sequence[ExperimentConfig],
    folder: str | os.PathLike[str],
    report: Reporter,
) -> LearnerCard:
    """Scores what is not scored yet and writes the folder; see `jobs.release`."""
    splits = evaluate_job.load_to_score(run, experiments, {}, report)
    accuracies = evaluate_job.score_again(run, experiments, splits, report)
    learner = trained_learner(run.network, ComputationConfig(), splits, run)
    scores = zip(experiments, accuracies, strict=True)
    trained = trained_learner_of(run.network, run, own, learner, scores)
    write_learner(folder, trained)
    return trained.card
