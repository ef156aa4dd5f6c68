"""Exports what was trained in full: it adapts as it was scored."""

import os
import shutil

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.exports.saved_model import export_saved_model
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network_kinds import Network


def adaptation_of(config: CandidateConfig) -> Adaptation:
    """How a learner that was trained so adapts once it is exported: as it is scored."""
    return Adaptation(
        inner_iterations=config.scoring.scoring_inner_iterations,
        inner_batch_size=config.scoring.scoring_inner_batch_size,
        adam=config.scoring_adam,
        class_balanced_batches=config.reptile.class_balanced_batches,
        shared_head=config.reptile.shared_head,
    )


def export_trained(
    network: Network,
    state: LearnerState,
    config: CandidateConfig,
    run: RunDirectory,
) -> None:
    """Writes a run's SavedModel whole or not at all.

    Args:
      network: What was trained.
      state: What its learner has learned.
      config: How it was trained.
      run: The run's folder.
    """
    target = run.saved_model_path
    unfinished = f"{os.path.dirname(target)}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    model = exported_model(network, config.network, config.task)
    module = make_module(model, state, adaptation_of(config))
    try:
        export_saved_model(module, unfinished)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(unfinished, target)
    finally:  # The disk may be full, and this is in the way of whoever makes room.
        shutil.rmtree(unfinished, ignore_errors=True)
