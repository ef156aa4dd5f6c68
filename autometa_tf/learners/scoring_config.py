"""How learners are scored."""

import dataclasses
import math
from typing import Any

from autometa_tf.field_checks import check_at_least
from autometa_tf.learners.adam_config import AdamConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoringConfig:
    """How learners are scored; the defaults are Reptile's for 1-shot 5-way.

    Attributes:
      scoring_inner_iterations: The number of inner iterations on each episode when a
        learner is scored.
      scoring_support_passes: How many times the inner iterations on an episode go at
        least through its support set. With large support sets there are more iterations
        than `scoring_inner_iterations` then. The published numbers have 0.
      scoring_inner_batch_size: The number of images in an inner batch when a learner is
        scored. A preset chooses Reptile's: 5 for up to 5 ways and 10 above, but 15 for
        several shots of images above 48 pixels.
      scoring_inner_learning_rate: The learning rate of the inner Adam when a learner is
        scored, above 0. Where it is not given, the rate is that of training.
      queries_per_class: The number of query images of each class when a learner is
        scored; published numbers have 1 or 15. All of them are one batch where a score
        is transductive.
      num_scoring_episodes: The number of episodes whose mean accuracy is a learner's
        score, at least 2.
    """

    scoring_inner_iterations: int = 50
    scoring_support_passes: int = 0
    scoring_inner_batch_size: int = 5
    scoring_inner_learning_rate: float | None = None
    queries_per_class: int = 1
    num_scoring_episodes: int = 100

    def __post_init__(self):
        check_at_least(
            self,
            scoring_inner_iterations=1,
            scoring_support_passes=0,
            scoring_inner_batch_size=1,
            queries_per_class=1,
            num_scoring_episodes=2,
        )
        rate = self.scoring_inner_learning_rate
        if rate is not None and not 0 < rate < math.inf:
            raise ValueError(
                "`scoring_inner_learning_rate` must be above 0 and finite. "
                f"Received: {rate}."
            )

    def adam(self, training: AdamConfig) -> AdamConfig:
        """The inner optimizer of episodes that score, given that of training."""
        rate = self.scoring_inner_learning_rate
        if rate is None:
            return training
        return dataclasses.replace(training, inner_learning_rate=rate)

    def num_inner_iterations(self, num_images: int) -> int:
        """The number of inner iterations on a support set of so many images."""
        of_passes = inner_iterations_of_passes(
            self.scoring_support_passes, num_images, self.scoring_inner_batch_size
        )
        return max(self.scoring_inner_iterations, of_passes)


def inner_iterations_of_passes(passes: int, num_images: Any, batch_size: Any) -> Any:
    """How many inner iterations go through a support set so many times.

    Args:
      passes: So many times.
      num_images: Of the support set, a whole number or a tensor of one.
      batch_size: Of an inner batch, a whole number or a tensor of one.
    """
    return -(-passes * num_images // batch_size)


def balanced_batch_size(at_least: int, ways: Any) -> Any:
    """The smallest batch that holds every class equally often, and so many images.

    Args:
      at_least: So many images.
      ways: Number of classes, a whole number or a tensor of one.

    Returns:
      A multiple of `ways`, of its type.
    """
    return at_least + (-at_least) % ways
