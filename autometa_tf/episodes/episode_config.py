"""What an episode consists of."""

import dataclasses

from autometa_tf.field_checks import check_at_least


@dataclasses.dataclass(frozen=True, kw_only=True)
class EpisodeConfig:
    """What an episode consists of.

    Attributes:
      ways: The number of classes of an episode, at least 2.
      shots: The number of support images of each class when a learner is scored.
      train_shots: The number of images of each class when a learner is meta-trained. A
        preset chooses Reptile's: 10 for images of up to 48 pixels, as on Omniglot, and
        15 above, as on mini-ImageNet.
    """

    ways: int = 5
    shots: int = 1
    train_shots: int = 10

    def __post_init__(self):
        check_at_least(self, ways=2, shots=1, train_shots=1)
