"""Plain classification of the training classes before the first outer iteration."""

import numpy as np

from autometa_tf.candidates.candidate import make_model
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.training_calls import Part, train_part
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.classification_learner import ClassificationLearner
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network import head_weights
from autometa_tf.networks.network_kinds import Network


def begin_pretrained(
    learner: ReptileLearner,
    network: Network,
    experiment: ExperimentConfig,
    train: ClassImages,
    run: RunDirectory,
    report: Reporter,
) -> None:
    """Pre-trains the weights of a learner, all but its head's, where that is asked for.

    Args:
      learner: Before its first outer iteration.
      network: What it is.
      experiment: Says for how many epochs.
      train: The classes.
      run: The run's folder, with the pre-training's own checkpoints.
      report: Called with each `TrainingProgress`.
    """
    num_epochs = experiment.full_training.pretraining_epochs
    if not num_epochs:
        return
    slots, model = learner.slots(), learner.model
    head = head_weights(model.model, model.num_parallel_episodes)
    config = experiment.final
    classifier_model = make_model(network, config, 1, ways=len(train.class_names))
    own_head = classifier_model.initial_weights()[head.start :]
    classifier = ClassificationLearner(
        classifier_model,
        train,
        config.reptile,
        num_epochs=num_epochs,
        seed=config.seed,
        weights=np.concatenate([slots.weights[: head.start], own_head]),
    )
    LearnerCheckpoints(classifier, run.pretraining_path).restore_latest()
    part = Part(
        phase="pretraining",
        total=classifier.num_batches,
        checkpoints_path=run.pretraining_path,
    )
    train_part(classifier, part, run, report)
    body = classifier.slots().weights[: head.start]
    weights = np.concatenate([body, slots.weights[head.start :]])
    learner.restore(slots._replace(weights=weights))
