"""How an exported learner adapts, as plain values."""

import dataclasses

from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.scoring_config import ScoringConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How an exported learner adapts.

    Attributes:
      inner_iterations: The number of inner iterations on a small support set.
      support_passes: How many times the inner iterations go at least through a support
        set, for which a large one needs more of them.
      inner_batch_size: The number of images in an inner batch.
      adam: The inner optimizer.
      class_balanced_batches: As in `ReptileConfig`.
      shared_head: As in `ReptileConfig`; with it the learner takes any number of classes.
    """

    inner_iterations: int
    support_passes: int = 0
    inner_batch_size: int
    adam: AdamConfig
    class_balanced_batches: bool
    shared_head: bool

    def __post_init__(self):
        self.scoring  # noqa: B018 - checks the numbers

    @property
    def scoring(self) -> ScoringConfig:
        """The same, as the inner loop takes it."""
        return ScoringConfig(
            scoring_inner_iterations=self.inner_iterations,
            scoring_support_passes=self.support_passes,
            scoring_inner_batch_size=self.inner_batch_size,
        )
