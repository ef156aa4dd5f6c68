"""The score of a learner: its mean accuracy over episodes, and how sure that is."""

import dataclasses

import numpy as np

from autometa_tf.plain_text import percent


@dataclasses.dataclass(frozen=True, kw_only=True)
class Score:
    """Mean accuracy over episodes.

    Attributes:
      mean: In [0, 1].
      ci95: Half-width of the 95% confidence interval of the mean, 1.96 standard
        errors.
      num_episodes: Episodes it is the mean of.

    Raises:
      ValueError: A field is outside its range.
    """

    mean: float
    ci95: float
    num_episodes: int

    def __post_init__(self):
        for name, most in (("mean", 1), ("ci95", 1), ("num_episodes", 2**53)):
            if not 0 <= getattr(self, name) <= most:
                raise ValueError(
                    f"`{name}` must be 0 to {most}. Received: {getattr(self, name)}."
                )

    def __str__(self) -> str:
        return percent(self.mean, self.ci95)


def summarize_accuracies(accuracies: np.ndarray) -> Score:
    """The score of episodes with these accuracies, `[episodes]` of at least 2."""
    standard_error = np.std(accuracies, ddof=1) / np.sqrt(len(accuracies))
    return Score(
        mean=float(np.mean(accuracies)),
        ci95=float(1.96 * standard_error),
        num_episodes=len(accuracies),
    )
