"""What one candidate is: a network, meta-trained on episodes and scored on others."""

import dataclasses

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeConfig, EpisodeSampler
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.scoring import EpisodeScorer, ScoringConfig
from autometa_tf.networks.conv4 import build_conv4, conv4_config
from autometa_tf.networks.network import NetworkConfig, build_network


@dataclasses.dataclass(frozen=True, kw_only=True)
class CandidateConfig:
    """Everything but the genome and the data that a candidate's result depends on.

    Attributes:
      network: What surrounds the cell.
      episodes: What an episode consists of.
      reptile: Meta-training.
      scoring: How the meta-trained learner is scored.
      seed: Of initial weights, training episodes and scoring episodes.
      num_parallel_episodes: E. It changes rounding, so it is part of the run. None: yet
        to be measured.
      jit_compile: Whether XLA compiles the inner loop.
    """

    network: NetworkConfig
    episodes: EpisodeConfig
    reptile: ReptileConfig
    scoring: ScoringConfig
    seed: int = 0
    num_parallel_episodes: int | None = 1
    jit_compile: bool = False

    def __post_init__(self):
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"`seed` must be in [0, 2**32). Received: {self.seed}.")
        if self.num_parallel_episodes is not None and self.num_parallel_episodes < 1:
            raise ValueError(
                "`num_parallel_episodes` must be at least 1. "
                f"Received: {self.num_parallel_episodes}."
            )
        if self.network.ways != self.episodes.ways:
            raise ValueError(
                "`ways` must be the same for the network and the episodes. "
                f"Received: {self.network.ways} and {self.episodes.ways}."
            )


def make_model(
    genome: Genome | None, config: CandidateConfig, num_parallel_episodes: int
) -> ParallelModel:
    """The network of a genome, or the conv4 baseline for None, with seeded weights."""
    settings = {"num_parallel_episodes": num_parallel_episodes, "seed": config.seed}
    if genome is None:
        baseline = conv4_config(config.network.image_shape, config.network.ways)
        return ParallelModel(build_conv4(baseline, **settings), num_parallel_episodes)
    model = build_network(genome, config.network, **settings)
    return ParallelModel(model, num_parallel_episodes)


def make_learner(
    model: ParallelModel, config: CandidateConfig, train: ClassImages, strategy=None
) -> ReptileLearner:
    """A learner before its first outer iteration."""
    episodes = EpisodeSampler(
        train,
        ways=config.episodes.ways,
        images_per_class=config.episodes.train_shots,
        seed=config.seed,
        split="train",
    )
    return ReptileLearner(
        model,
        episodes,
        config.reptile,
        strategy=strategy,
        jit_compile=config.jit_compile,
    )


def make_scorer(
    model: ParallelModel, config: CandidateConfig, classes: ClassImages, split: str
) -> EpisodeScorer:
    """A scorer on the episodes of `split`, whose images are `classes`."""
    episodes = EpisodeSampler(
        classes,
        ways=config.episodes.ways,
        images_per_class=config.episodes.shots + 1,
        seed=config.seed,
        split=split,
    )
    return EpisodeScorer(model, episodes, config.scoring, config.reptile.adam)
