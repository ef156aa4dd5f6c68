"""The meta-training of a run: from where its checkpoints end to its last iteration."""

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.pretraining import begin_pretrained
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.start_learner import begin_from_start
from autometa_tf.experiments.training_calls import Part, train_part
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.distribution import make_distribution
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network_kinds import Network


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
    """
    strategy = experiment.distribution.strategy
    learner = restored_learner(network, experiment.final, train, run, strategy)
    if not learner.iteration:
        begin_from_start(learner, run)
        begin_pretrained(learner, network, experiment, train, run, report)
    part = Part(
        phase="training",
        total=learner.config.outer_iterations,
        checkpoints_path=run.checkpoints_path,
    )
    train_part(learner, part, run, report)
    return learner


def restored_learner(
    network: Network,
    config: CandidateConfig,
    train: ClassImages,
    run: RunDirectory,
    strategy: str = "default",
) -> ReptileLearner:
    """The learner where the run's checkpoints end."""
    distribution = make_distribution(strategy)
    copies = parallel_episodes(
        config, network, num_replicas=distribution.num_replicas_in_sync
    )
    model = make_model(network, config, copies)
    learner = make_learner(model, config, train, distribution)
    LearnerCheckpoints(learner, run.checkpoints_path).restore_latest()
    return learner
