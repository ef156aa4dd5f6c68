"""The hyper-parameters of meta-training."""

import dataclasses

from autometa_tf.learners.adam_config import AdamConfig

# Slots of the meta-batch that one outer iteration can number its episodes with.
MAX_SLOTS = 2**20


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReptileConfig:
    """Meta-training; Table A1's names.

    Attributes:
      inner_iterations: The number of inner iterations on each episode.
      inner_batch_size: The number of images in an inner batch.
      inner_learning_rate: The learning rate of the inner Adam, above 0.
      inner_beta1: The decay of the inner Adam's first moments, in [0, 1). Reptile's is
        0, which is no momentum.
      carry_moments: Whether Adam's state runs on from episode to episode, as in
        Reptile's program, or each episode starts with a fresh one.
      meta_batch_size: The number of episodes of an outer iteration.
      outer_step_size: The step size of the first outer iteration, above 0 and at most
        10; it decays linearly to 0.
      outer_iterations: The number of outer iterations of a learner's meta-training; in
        a search, of each candidate's.
    """

    inner_iterations: int = 8
    inner_batch_size: int = 10
    inner_learning_rate: float = 0.01
    inner_beta1: float = 0.0
    carry_moments: bool = True
    meta_batch_size: int = 5
    outer_step_size: float = 1.0
    outer_iterations: int = 1000

    def __post_init__(self):
        for name in (
            "inner_iterations",
            "inner_batch_size",
            "meta_batch_size",
            "outer_iterations",
        ):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: {getattr(self, name)}."
                )
        if self.meta_batch_size > MAX_SLOTS // 2:
            raise ValueError(
                f"`meta_batch_size` must be at most {MAX_SLOTS // 2}. "
                f"Received: {self.meta_batch_size}."
            )
        if not 0 < self.outer_step_size <= 10:
            raise ValueError(
                "`outer_step_size` must be above 0 and at most 10. "
                f"Received: {self.outer_step_size}."
            )
        self.adam  # noqa: B018 - checks its own fields

    @property
    def adam(self) -> AdamConfig:
        """The inner optimizer."""
        return AdamConfig(
            inner_learning_rate=self.inner_learning_rate, inner_beta1=self.inner_beta1
        )
