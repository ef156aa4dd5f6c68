"""How learners are scored."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoringConfig:
    """How learners are scored; the defaults are Reptile's for 1-shot 5-way.

    Attributes:
      inner_iterations: Inner iterations on the support images.
      inner_batch_size: Images of an inner iteration.
      num_episodes: Episodes to score on.
    """

    inner_iterations: int = 50
    inner_batch_size: int = 5
    num_episodes: int = 100

    def __post_init__(self):
        for name, flag, least in (
            ("inner_iterations", "scoring_inner_iterations", 1),
            ("inner_batch_size", "scoring_inner_batch_size", 1),
            ("num_episodes", "num_scoring_episodes", 2),
        ):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{flag}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )
