"""What an episode consists of."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class EpisodeConfig:
    """What an episode consists of.

    Attributes:
      ways: Classes of an episode.
      shots: Support images of each class when a learner is scored.
      train_shots: Images of each class in meta-training. Reptile trains with more
        than it is scored with: 10 on Omniglot, 15 on mini-ImageNet.
    """

    ways: int = 5
    shots: int = 1
    train_shots: int = 10

    def __post_init__(self):
        for name, least in (("ways", 2), ("shots", 1), ("train_shots", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )
