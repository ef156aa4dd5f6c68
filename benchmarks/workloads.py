"""What `meta_training` measures: networks, their settings, and images of noise."""

import dataclasses

import numpy as np

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeConfig
from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.reptile_learner import ReptileConfig
from autometa_tf.learners.scoring import ScoringConfig
from autometa_tf.networks.network import NetworkConfig

_WAYS = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workload:
    """One row of the table.

    Attributes:
      name: As in `--networks`.
      title: As in the table.
      genome: The cell, or None for the conv4 baseline.
      config: Reptile's settings for its size of images.
      num_classes: Classes to draw episodes from, as many as the real dataset trains on.
      images_per_class: Likewise.
    """

    name: str
    title: str
    genome: Genome | None
    config: CandidateConfig
    num_classes: int
    images_per_class: int


def make_workloads(cell: Genome) -> dict[str, Workload]:
    """Conv4 and a cell (F = 10, N = 0, rate 1) at the sizes of both datasets.

    Inner iterations are Reptile's for conv4 and the paper's 8 for the cell; meta-batch
    5 and inner batch 10 everywhere.
    """
    rows = [
        _small("conv4_28", "conv4, 28x28x1", None, inner_iterations=5),
        _small("cell_28", "cell, 28x28x1", cell, inner_iterations=8),
        _large("conv4_84", "conv4, 84x84x3", None),
        _large("cell_84", "cell, 84x84x3", cell, stem_stride=1),
        _large("cell_84_stride2", "cell, 84x84x3, stem stride 2", cell, stem_stride=2),
    ]
    return {row.name: row for row in rows}


def _small(name, title, genome, *, inner_iterations):
    """Omniglot's: 1,100 characters in four rotations, 20 images of each."""
    return Workload(
        name=name,
        title=title,
        genome=genome,
        config=_config(
            NetworkConfig(image_shape=(28, 28, 1), ways=_WAYS),
            train_shots=10,
            inner_iterations=inner_iterations,
        ),
        num_classes=4400,
        images_per_class=20,
    )


def _large(name, title, genome, *, stem_stride=0):
    """mini-ImageNet's: 64 classes, 600 images of each."""
    return Workload(
        name=name,
        title=title,
        genome=genome,
        config=_config(
            NetworkConfig(image_shape=(84, 84, 3), ways=_WAYS, stem_stride=stem_stride),
            train_shots=15,
            inner_iterations=8,
        ),
        num_classes=64,
        images_per_class=600,
    )


def _config(network, *, train_shots, inner_iterations) -> CandidateConfig:
    return CandidateConfig(
        network=network,
        episodes=EpisodeConfig(ways=_WAYS, train_shots=train_shots),
        reptile=ReptileConfig(
            inner_iterations=inner_iterations,
            inner_learning_rate=1e-3,
            outer_iterations=10**6,
        ),
        scoring=ScoringConfig(),
    )


def noise_images(workload: Workload) -> ClassImages:
    """Random images: what they show makes no difference to the time."""
    shape = (
        workload.num_classes * workload.images_per_class,
        *workload.config.network.image_shape,
    )
    size = int(np.prod(shape))
    pixels = np.frombuffer(np.random.default_rng(0).bytes(size), np.uint8)
    offsets = np.arange(workload.num_classes + 1, dtype=np.int64)
    return ClassImages(
        images=pixels.reshape(shape),
        offsets=offsets * workload.images_per_class,
        class_names=tuple(str(i) for i in range(workload.num_classes)),
    )
