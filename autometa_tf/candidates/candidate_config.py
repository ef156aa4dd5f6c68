"""Everything but the network and the data that a candidate's result depends on."""

import dataclasses

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, Task


@dataclasses.dataclass(frozen=True, kw_only=True)
class CandidateConfig:
    """Everything but the network and the data that a candidate's result depends on.

    Attributes:
      image_shape: The shape `(H, W, C)` of the images, at least 8x8 pixels.
      network: What surrounds the cell.
      episodes: What an episode consists of.
      reptile: Meta-training.
      scoring: How the meta-trained learner is scored.
      computation: How all this is computed.
      seed: The seed of initial weights, training episodes and scoring episodes, in
        [0, 2**32).
    """

    image_shape: tuple[int, int, int]
    network: NetworkConfig
    episodes: EpisodeConfig
    reptile: ReptileConfig
    scoring: ScoringConfig
    computation: ComputationConfig = ComputationConfig()
    seed: int = 0

    def __post_init__(self):
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"`seed` must be in [0, 2**32). Received: {self.seed}.")
        self.task  # noqa: B018 - checks the image shape
        if self.reptile.class_balanced_batches:
            self._check_that_batches_can_be_balanced()

    def _check_that_batches_can_be_balanced(self) -> None:
        for config, name in (
            (self.reptile, "inner_batch_size"),
            (self.scoring, "scoring_inner_batch_size"),
        ):
            size, ways = getattr(config, name), self.episodes.ways
            if size % ways:
                raise ValueError(
                    f"`{name}` must be a multiple of `ways`, {ways}, with "
                    f"`class_balanced_batches`. Received: {size}."
                )

    @property
    def task(self) -> Task:
        """What the network is to classify."""
        return Task(image_shape=self.image_shape, ways=self.episodes.ways)

    @property
    def scoring_adam(self) -> AdamConfig:
        """The inner optimizer of episodes that score."""
        return self.scoring.adam(self.reptile.adam_after())

    @property
    def num_scoring_iterations(self) -> int:
        """The number of inner iterations on an episode that scores."""
        return self.scoring.num_inner_iterations(
            self.episodes.ways * self.episodes.shots
        )

    @property
    def images_to_score(self) -> int:
        """How many images of a class an episode that scores takes."""
        return self.episodes.shots + self.scoring.queries_per_class
