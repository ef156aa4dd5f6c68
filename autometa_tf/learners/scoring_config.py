"""How learners are scored."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoringConfig:
    """How learners are scored; the defaults are Reptile's for 1-shot 5-way.

    Attributes:
      scoring_inner_iterations: The number of inner iterations on each episode when a
        learner is scored.
      scoring_inner_batch_size: The number of images in an inner batch when a learner is
        scored. A preset chooses Reptile's: 5 for up to 5 ways and 10 above, but 15 for
        several shots of images above 48 pixels.
      num_scoring_episodes: The number of episodes whose mean accuracy is a learner's
        score, at least 2.
    """

    scoring_inner_iterations: int = 50
    scoring_inner_batch_size: int = 5
    num_scoring_episodes: int = 100

    def __post_init__(self):
        for name, least in (
            ("scoring_inner_iterations", 1),
            ("scoring_inner_batch_size", 1),
            ("num_scoring_episodes", 2),
        ):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )
