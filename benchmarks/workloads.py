"""What `meta_training` measures: networks, their settings, and images of noise."""

import dataclasses

import numpy as np

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, small_images
from autometa_tf.networks.network_kinds import Cell, Conv4, Network

_WAYS = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workload:
    """One row of the table.

    Attributes:
      name: As in `--networks`.
      title: As in the table.
      network: The cell, or conv4.
      config: Reptile's settings for its size of images.
      num_classes: Classes to draw episodes from, as many as the real dataset trains on.
      images_per_class: Likewise.
    """

    name: str
    title: str
    network: Network
    config: CandidateConfig
    num_classes: int
    images_per_class: int


def make_workloads(genome: Genome) -> dict[str, Workload]:
    """Conv4 and a cell (F = 10, N = 0, rate 1) at the sizes of both datasets.

    Inner iterations are Reptile's for conv4 and the paper's 8 for the cell; meta-batch
    5 and inner batch 10 everywhere.
    """
    cell = Cell(genome)
    rows = [
        _small("conv4_28", "conv4, 28x28x1", Conv4(), inner_iterations=5),
        _small("cell_28", "cell, 28x28x1", cell, inner_iterations=8),
        _large("conv4_84", "conv4, 84x84x3", Conv4()),
        _large("cell_84", "cell, 84x84x3", cell, stem_stride=1),
        _large("cell_84_stride2", "cell, 84x84x3, stem stride 2", cell, stem_stride=2),
    ]
    return {row.name: row for row in rows}


def _small(
    name: str, title: str, network: Network, *, inner_iterations: int
) -> Workload:
    """Omniglot's: 1,100 characters in four rotations, 20 images of each."""
    return Workload(
        name=name,
        title=title,
        network=network,
        config=candidate_config((28, 28, 1), inner_iterations=inner_iterations),
        num_classes=4400,
        images_per_class=20,
    )


def _large(
    name: str, title: str, network: Network, *, stem_stride: int = 0
) -> Workload:
    """mini-ImageNet's: 64 classes, 600 images of each."""
    return Workload(
        name=name,
        title=title,
        network=network,
        config=candidate_config((84, 84, 3), stem_stride=stem_stride),
        num_classes=64,
        images_per_class=600,
    )


def candidate_config(
    image_shape: tuple[int, int, int],
    *,
    inner_iterations: int = 8,
    stem_stride: int = 0,
) -> CandidateConfig:
    """The paper's settings for images of a shape, with Reptile's train shots."""
    return CandidateConfig(
        image_shape=image_shape,
        network=NetworkConfig(stem_stride=stem_stride),
        episodes=EpisodeConfig(
            ways=_WAYS, train_shots=10 if small_images(image_shape) else 15
        ),
        reptile=ReptileConfig(
            inner_iterations=inner_iterations,
            inner_learning_rate=1e-3,
            outer_iterations=10**6,
        ),
        scoring=ScoringConfig(),
    )


def noise_classes(
    image_shape: tuple[int, int, int], *, num_classes: int, images_per_class: int
) -> ClassImages:
    """Random images: what they show makes no difference to time and memory.

    They begin at a multiple of 64 bytes, as in Ray's object store: from there all
    samplers read them without a copy of their own.
    """
    shape = (num_classes * images_per_class, *image_shape)
    size = int(np.prod(shape))
    memory = np.empty(size + 64, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64
    pixels = memory[start : start + size]
    pixels[:] = np.frombuffer(np.random.default_rng(0).bytes(size), np.uint8)
    offsets = images_per_class * np.arange(num_classes + 1, dtype=np.int64)
    return ClassImages(
        images=pixels.reshape(shape),
        offsets=offsets,
        class_names=tuple(str(i) for i in range(num_classes)),
    )
