"""What a candidate takes on this machine, measured with made-up images."""

import dataclasses
import time

import numpy as np

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.experiments.search_plan import CandidateCost
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.machine import peak_memory_bytes
from autometa_tf.networks.network_kinds import Cell

# Outer iterations that are measured, after the one that traces.
_NUM_ITERATIONS = 5


def measure_costs(
    genomes: list[Genome], config: CandidateConfig
) -> list[CandidateCost]:
    """What each of the cells takes, one thread each, as in a search's workers.

    It is to be called in a process of its own, before that uses TensorFlow.
    """
    use_devices(num_threads=1, gpus=False)
    return [measure_cost(genome, config) for genome in genomes]


def measure_cost(genome: Genome, config: CandidateConfig) -> CandidateCost:
    """Trains and scores a cell a little; what is learned does not matter."""
    network = Cell(genome)
    copies = parallel_episodes(config, network)
    config = dataclasses.replace(
        config,
        reptile=dataclasses.replace(
            config.reptile, outer_iterations=1 + _NUM_ITERATIONS
        ),
        scoring=dataclasses.replace(config.scoring, num_scoring_episodes=2 * copies),
    )
    classes = _noise(config)
    times = [time.monotonic()]
    model = make_model(network, config, copies)
    learner = make_learner(model, config, classes)
    learner.run(1)
    times.append(time.monotonic())
    learner.run(_NUM_ITERATIONS)
    times.append(time.monotonic())
    scorer = make_scorer(model, config, classes, "validation")
    scorer.accuracies(learner.state())  # It traces.
    times.append(time.monotonic())
    scorer.accuracies(learner.state())
    times.append(time.monotonic())
    build, train, trace, score = np.diff(times).tolist()
    return CandidateCost(
        num_blocks=genome.num_blocks,
        build_seconds=build + max(0.0, trace - score),
        iteration_seconds=train / _NUM_ITERATIONS,
        episode_seconds=score / (2 * copies),
        peak_memory_bytes=peak_memory_bytes(),
    )


def _noise(config: CandidateConfig) -> ClassImages:
    """As many classes and images as an episode needs."""
    ways = config.episodes.ways
    size = max(config.episodes.train_shots, config.images_to_score)
    shape = (ways * size, *config.image_shape)
    return ClassImages(
        images=np.random.default_rng(0).integers(0, 256, shape, np.uint8),
        offsets=np.arange(0, ways * size + 1, size, dtype=np.int64),
        class_names=tuple(str(number) for number in range(ways)),
    )
