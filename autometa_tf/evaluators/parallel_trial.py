"""How learners best use the hardware of this process: XLA, episodes side by side."""

import dataclasses

import numpy as np

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.evaluators.candidate import make_learner, make_model
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.evaluators.trial_memory import (
    remember_trial,
    remembered_trial,
    trial_key,
)
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.devices import (
    gpu_available,
    gpu_names,
    operations_at_once,
)
from autometa_tf.learners.parallel_episodes import time_parallel_episodes

# Stands for all cells of a search: what decides is the size of images and filters.
PROBE = Genome((Block(1, "conv3x3", 1, "conv3x3"),))


@dataclasses.dataclass(frozen=True)
class Trial:
    """What a trial has measured.

    Attributes:
      seconds: Median seconds of an outer iteration by number of parallel episodes.
      is_remembered: Whether it was measured earlier on this machine.
    """

    seconds: dict[int, float]
    is_remembered: bool = False

    @property
    def fastest(self) -> int:
        """The number of parallel episodes with the fewest seconds."""
        return min(self.seconds, key=self.seconds.get)


def settle(
    config: CandidateConfig, genome: Genome | None
) -> tuple[CandidateConfig, Trial | None]:
    """Settles what a configuration leaves open, in the process of a learner.

    Args:
      config: The configuration.
      genome: The cell to measure with, or None for conv4.

    Returns:
      The configuration, `is_settled`, and the trial if one was needed.
    """
    if config.jit_compile is None:
        config = dataclasses.replace(config, jit_compile=gpu_available())
    if config.num_parallel_episodes is not None:
        return config, None
    trial = measure_parallel_episodes(config, genome)
    return dataclasses.replace(config, num_parallel_episodes=trial.fastest), trial


def measure_parallel_episodes(config: CandidateConfig, genome: Genome | None) -> Trial:
    """Times outer iterations on noise images, unless this machine has done so before.

    Args:
      config: Everything but the cell.
      genome: The cell, or None for conv4.
    """
    key = trial_key(_what_matters(config, genome))
    seconds = remembered_trial(key)
    if seconds is not None:
        return Trial(seconds, is_remembered=True)
    seconds = _measure(config, genome)
    remember_trial(key, seconds)
    return Trial(seconds)


def _what_matters(config, genome) -> list:
    """What the time of an outer iteration depends on, but for software and CPU."""
    reptile = config.reptile
    return [
        str(genome),
        dataclasses.asdict(config.network),
        config.episodes.train_shots,
        [reptile.inner_iterations, reptile.inner_batch_size, reptile.meta_batch_size],
        [reptile.inner_beta1 > 0, reptile.carry_moments, config.jit_compile],
        operations_at_once(),
        gpu_names(),
    ]


def _measure(config, genome) -> dict[int, float]:
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
