"""The hyper-parameters of meta-training."""

import dataclasses
import math

from autometa_tf.field_checks import check_at_least
from autometa_tf.learners.adam_config import AdamConfig

# Slots of the meta-batch that one outer iteration can number its episodes with.
MAX_SLOTS = 2**20


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReptileConfig:
    """Meta-training; Table A1's names.

    Attributes:
      inner_iterations: The number of inner iterations on each episode.
      inner_batch_size: The number of images in an inner batch.
      class_balanced_batches: Whether every inner batch holds every class equally often,
        in training, scoring and the exported learner. Images of a class come without
        replacement, from shuffles of its own. Reptile's batches are drawn from all
        classes together.
      inner_learning_rate: The learning rate of the inner Adam, above 0.
      final_inner_learning_rate: The learning rate of the inner Adam that the training
        comes to: from inner_learning_rate it falls by half a cosine over the outer
        iterations (as SGDR's, Loshchilov & Hutter 2017). Scoring and the exported
        learner adapt with that of the last outer iteration. Where it is not given, the
        rate stays inner_learning_rate, as Reptile's does.
      inner_beta1: The decay of the inner Adam's first moments, in [0, 1). Reptile's is
        0, which is no momentum.
      carry_moments: Whether Adam's state runs on from episode to episode, as in
        Reptile's program, or each episode starts with a fresh one.
      meta_batch_size: The number of episodes of an outer iteration.
      outer_step_size: The step size of the first outer iteration, above 0 and at most
        10; it decays linearly to 0.
      outer_iterations: The number of outer iterations of a learner's meta-training; in
        a search, of each candidate's.
      shared_head: Whether an episode begins with one column of the last layer for all
        classes: after each outer iteration, and at first, the columns and biases are
        set to their means (UNICORN, Ye & Chao 2022).
      flips: Whether each image of a training batch is flipped left to right with
        probability 1/2 (MetaOptNet, Lee et al. 2019). Images that score never are.
    """

    inner_iterations: int = 8
    inner_batch_size: int = 10
    class_balanced_batches: bool = False
    inner_learning_rate: float = 0.01
    final_inner_learning_rate: float | None = None
    inner_beta1: float = 0.0
    carry_moments: bool = True
    meta_batch_size: int = 5
    outer_step_size: float = 1.0
    outer_iterations: int = 1000
    shared_head: bool = False
    flips: bool = False

    def __post_init__(self):
        check_at_least(
            self,
            inner_iterations=1,
            inner_batch_size=1,
            meta_batch_size=1,
            outer_iterations=1,
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
        final = self.final_inner_learning_rate
        if final is not None and not 0 < final <= self.inner_learning_rate:
            raise ValueError(
                "`final_inner_learning_rate` must be above 0 and at most "
                f"`inner_learning_rate`, {self.inner_learning_rate}. Received: {final}."
            )

    @property
    def adam(self) -> AdamConfig:
        """The inner optimizer of the first outer iteration."""
        return AdamConfig(
            inner_learning_rate=self.inner_learning_rate, inner_beta1=self.inner_beta1
        )

    def adam_after(self, iterations: int | None = None) -> AdamConfig:
        """The inner optimizer with which a learner is scored and exported.

        It is that of the last outer iteration done; before the first, that of the
        first. So a learner scored midway adapts with the learning rate it has come to.

        Args:
          iterations: Outer iterations the learner has made. None: all.
        """
        if iterations is None:
            iterations = self.outer_iterations
        rate = self.inner_learning_rate
        if self.final_inner_learning_rate is not None:
            done = max(iterations - 1, 0) / self.outer_iterations
            falling = (1 + math.cos(math.pi * done)) / 2
            final = self.final_inner_learning_rate
            rate = final + (rate - final) * falling
        return AdamConfig(inner_learning_rate=rate, inner_beta1=self.inner_beta1)
