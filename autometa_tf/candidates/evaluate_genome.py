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
from autometa_tf.candidates.evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationRequest,
)
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.learners.checkpoints import slots_from_bytes, slots_to_bytes
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
    request: EvaluationRequest,
    config: CandidateConfig,
    train: ClassImages,
    scoring: ClassImages,
    scoring_split: str = "validation",
) -> Evaluation:
    """Meta-trains and scores one candidate.

    A pure function: its score depends on the arguments alone, up to the rounding of
    the hardware, and is the same whether the learner comes from an earlier rung or is
    trained from the start.

    Args:
      request: The candidate's cell, how far it is trained and how it is scored.
      config: Everything else about it; the request's key stands above it.
      train: The classes it is meta-trained on.
      scoring: The classes it is scored on.
      scoring_split: Which split `scoring` is.
    """
    if not gc.get_freeze_count():
        # What was imported and loaded stays, and no collection need look at it again:
        # half a second of each candidate, and more while its networks are traced.
        gc.freeze()
    try:
        evaluation = _train_and_score(request, config, train, scoring, scoring_split)
    except CANDIDATE_FAILURES as failure:
        reason = str(failure).splitlines()[0] if str(failure) else ""
        evaluation = Evaluation(
            genome=request.genome,
            key=request.key,
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
    request: EvaluationRequest,
    config: CandidateConfig,
    train: ClassImages,
    scoring: ClassImages,
    scoring_split: str,
) -> Evaluation:
    """The evaluation, but for the memory it took."""
    start = time.monotonic()
    key, network = request.key, Cell(request.genome)
    config = _with_key(config, key)
    model = make_model(network, config, parallel_episodes(config, network))
    learner = make_learner(model, config, train)
    if request.learner:
        learner.restore(slots_from_bytes(request.learner, learner.slots()))
    learner.run(1)
    built = time.monotonic()
    while left := key.rung - learner.iteration:
        learner.run(min(left, _ITERATIONS_PER_CALL))
    trained = time.monotonic()
    scorer, state = make_scorer(model, config, scoring, scoring_split), learner.state()
    scorer.traced(state)
    traced = time.monotonic()
    accuracies = scorer.accuracies(state)
    transductive, independent = map(summarize_accuracies, accuracies.T)
    return Evaluation(
        genome=request.genome,
        key=key,
        score=transductive.mean,
        score_ci95=transductive.ci95,
        non_transductive_score=independent.mean,
        non_transductive_ci95=independent.ci95,
        num_parameters=model.num_weights,
        build_seconds=built - start + traced - trained,
        train_seconds=trained - built,
        scoring_seconds=time.monotonic() - traced,
        learner=b"" if key.is_last else slots_to_bytes(learner.slots()),
    )


def _with_key(config: CandidateConfig, key: EvaluationKey) -> CandidateConfig:
    return dataclasses.replace(
        config,
        seed=key.seed,
        reptile=dataclasses.replace(
            config.reptile, outer_iterations=key.outer_iterations
        ),
        scoring=dataclasses.replace(
            config.scoring, num_scoring_episodes=key.num_episodes
        ),
    )
