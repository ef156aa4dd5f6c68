"""Genome -> Evaluation: what a worker runs for one candidate."""

import dataclasses
import gc
import time

import keras
import tensorflow as tf
from tensorflow.python.framework import ops  # For what has no public name.

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.reptile_learner import DivergedError
from autometa_tf.learners.score import summarize_accuracies
from autometa_tf.machine import peak_memory_bytes
from autometa_tf.networks.network_kinds import Cell

# What is a candidate's own fault. Everything else is ours, and crashes.
CANDIDATE_FAILURES = (DivergedError, MemoryError, tf.errors.ResourceExhaustedError)

# Outer iterations between two looks at the weights: a candidate that has diverged is
# given up early.
_ITERATIONS_PER_CALL = 100


def evaluate_genome(
    genome: Genome,
    config: CandidateConfig,
    train: ClassImages,
    scoring: ClassImages,
    scoring_split: str = "validation",
) -> Evaluation:
    """Meta-trains and scores one candidate.

    A pure function: its score depends on the arguments alone, up to the rounding of
    the hardware.

    Args:
      genome: The candidate's cell.
      config: Everything else about it.
      train: The classes it is meta-trained on.
      scoring: The classes it is scored on.
      scoring_split: Which split `scoring` is.
    """
    try:
        evaluation = _train_and_score(genome, config, train, scoring, scoring_split)
    except CANDIDATE_FAILURES as failure:
        reason = str(failure).splitlines()[0] if str(failure) else ""
        evaluation = Evaluation(
            genome=genome,
            seed=config.seed,
            outer_iterations=config.reptile.outer_iterations,
            score=None,
            failure=f"{type(failure).__name__}: {reason}",
        )
    finally:
        _forget_networks()
    return dataclasses.replace(evaluation, peak_memory_bytes=peak_memory_bytes())


def _forget_networks() -> None:
    """Frees the graphs of all networks: 80 MB for each of five blocks.

    TensorFlow registers every custom gradient under a name of its own and never
    forgets it, and with it the graph that it was traced in. Registered custom
    gradients serve tracing alone, which is over.
    """
    keras.utils.clear_session()
    registry = ops.gradient_registry._registry
    for name in [name for name in registry if name.startswith("CustomGradient-")]:
        del registry[name]
    gc.collect()


def _train_and_score(
    genome: Genome,
    config: CandidateConfig,
    train: ClassImages,
    scoring: ClassImages,
    scoring_split: str,
) -> Evaluation:
    """The evaluation, but for the memory it took."""
    start = time.monotonic()
    network = Cell(genome)
    model = make_model(network, config, parallel_episodes(config, network))
    learner = make_learner(model, config, train)
    learner.run(1)
    built = time.monotonic()
    while left := config.reptile.outer_iterations - learner.iteration:
        learner.run(min(left, _ITERATIONS_PER_CALL))
    trained = time.monotonic()
    scorer = make_scorer(model, config, scoring, scoring_split)
    accuracies = scorer.accuracies(learner.state())
    transductive, independent = map(summarize_accuracies, accuracies.T)
    return Evaluation(
        genome=genome,
        seed=config.seed,
        outer_iterations=config.reptile.outer_iterations,
        score=transductive.mean,
        score_ci95=transductive.ci95,
        non_transductive_score=independent.mean,
        non_transductive_ci95=independent.ci95,
        num_episodes=transductive.num_episodes,
        num_parameters=model.num_weights,
        build_seconds=built - start,
        train_seconds=trained - built,
        scoring_seconds=time.monotonic() - trained,
    )
