"""Times a run's learners with different numbers of episodes side by side."""

import dataclasses

import numpy as np

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.evaluators.candidate import CandidateConfig, make_learner, make_model
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.parallel_episodes import time_parallel_episodes

# Stands for all cells of a search: what decides is the size of images and filters.
PROBE = Genome((Block(1, "conv3x3", 1, "conv3x3"),))


def measure_parallel_episodes(
    config: CandidateConfig, genome: Genome | None
) -> dict[int, float]:
    """Seconds of an outer iteration by number of parallel episodes, on noise images.

    Args:
      config: Everything but the cell.
      genome: The cell, or None for conv4.
    """
    ways, images_per_class = config.episodes.ways, config.episodes.train_shots
    shape = (ways * images_per_class, *config.network.image_shape)
    noise = ClassImages(
        images=np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8),
        offsets=images_per_class * np.arange(ways + 1, dtype=np.int64),
        class_names=tuple(str(i) for i in range(ways)),
    )
    reptile = dataclasses.replace(config.reptile, outer_iterations=1000)
    config = dataclasses.replace(config, reptile=reptile)

    def make(copies):
        return make_learner(make_model(genome, config, copies), config, noise)

    return time_parallel_episodes(make, config.reptile.meta_batch_size)
