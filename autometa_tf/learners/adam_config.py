"""The hyper-parameters of the inner optimizer."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdamConfig:
    """The inner optimizer.

    Attributes:
      inner_learning_rate: The learning rate of the inner Adam, above 0.
      inner_beta1: The decay of the inner Adam's first moments, in [0, 1). Reptile's is
        0, which is no momentum.
    """

    inner_learning_rate: float = 0.01
    inner_beta1: float = 0.0

    def __post_init__(self):
        if not 0 < self.inner_learning_rate < float("inf"):
            raise ValueError(
                "`inner_learning_rate` must be above 0. "
                f"Received: {self.inner_learning_rate}."
            )
        if not 0 <= self.inner_beta1 < 1:
            raise ValueError(
                f"`inner_beta1` must be in [0, 1). Received: {self.inner_beta1}."
            )
