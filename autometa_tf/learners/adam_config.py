"""The hyper-parameters of the inner optimizer."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdamConfig:
    """The inner optimizer.

    Attributes:
      learning_rate: Above 0.
      beta1: Decay of the first moments, in [0, 1). Reptile's is 0: no momentum.
    """

    learning_rate: float = 0.01
    beta1: float = 0.0

    def __post_init__(self):
        if not 0 < self.learning_rate < float("inf"):
            raise ValueError(
                "`inner_learning_rate` must be above 0. "
                f"Received: {self.learning_rate}."
            )
        if not 0 <= self.beta1 < 1:
            raise ValueError(
                f"`inner_beta1` must be in [0, 1). Received: {self.beta1}."
            )
