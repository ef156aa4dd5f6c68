"""Everything but the genome and the data that a candidate's result depends on."""

import dataclasses

from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class CandidateConfig:
    """Everything but the genome and the data that a candidate's result depends on.

    Attributes:
      network: What surrounds the cell.
      episodes: What an episode consists of.
      reptile: Meta-training.
      scoring: How the meta-trained learner is scored.
      seed: Of initial weights, training episodes and scoring episodes.
      num_parallel_episodes: E, which changes rounding. None: by a rule, from what the
        process of the learner has.
      jit_compile: Whether XLA compiles the inner loop. None: on a GPU, not on a CPU.
    """

    network: NetworkConfig
    episodes: EpisodeConfig
    reptile: ReptileConfig
    scoring: ScoringConfig
    seed: int = 0
    num_parallel_episodes: int | None = None
    jit_compile: bool | None = None

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
