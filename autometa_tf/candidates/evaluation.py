"""The record of one trained and scored candidate."""

import dataclasses
import math

from autometa_tf.genomes.genome import Genome


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationKey:
    """Which of a genome's evaluations: what a search varies of what they depend on.

    Attributes:
      seed: Seed of the training and of the scoring episodes.
      outer_iterations: Number of outer iterations of the training.
    """

    seed: int
    outer_iterations: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What became of one candidate: a score, or the reason why there is none.

    Attributes:
      genome: The candidate, in canonical form.
      seed: Seed of its training and of its scoring episodes.
      outer_iterations: Number of outer iterations it was trained for.
      score: Mean transductive accuracy in [0, 1]; None when it failed.
      score_ci95: Half-width of the score's 95% confidence interval.
      non_transductive_score: Mean non-transductive accuracy in [0, 1].
      non_transductive_ci95: Half-width of its 95% confidence interval.
      num_episodes: Number of episodes each accuracy is the mean of.
      num_parameters: Number of the network's weights.
      build_seconds: Time to build and trace the network.
      train_seconds: Time to train it.
      scoring_seconds: Time to score it.
      peak_memory_bytes: Most memory its process had in use.
      num_retries: How often its process died or ran out of time before this.
      failure: "" when it succeeded, else the reason, for people.

    Raises:
      ValueError: When the fields contradict one another or their ranges.
    """

    genome: Genome
    seed: int
    outer_iterations: int
    score: float | None
    score_ci95: float | None = None
    non_transductive_score: float | None = None
    non_transductive_ci95: float | None = None
    num_episodes: int = 0
    num_parameters: int = 0
    build_seconds: float = 0.0
    train_seconds: float = 0.0
    scoring_seconds: float = 0.0
    peak_memory_bytes: int = 0
    num_retries: int = 0
    failure: str = ""

    def __post_init__(self):
        if (self.score is None) != bool(self.failure):
            raise ValueError(
                "An evaluation must have either a `score` or a `failure`. "
                f"Received: {self.score} and {self.failure!r}."
            )
        for name in ("score", "non_transductive_score"):
            _check_range(name, getattr(self, name), upper=1.0)
        for name in ("score_ci95", "non_transductive_ci95"):
            _check_range(name, getattr(self, name))
        for field in dataclasses.fields(self):
            if field.default == 0:  # a count, or a duration
                _check_range(field.name, getattr(self, field.name))

    @property
    def key(self) -> EvaluationKey:
        """What tells it from other evaluations of its genome."""
        return EvaluationKey(seed=self.seed, outer_iterations=self.outer_iterations)

    @property
    def succeeded(self) -> bool:
        """Whether there is a score."""
        return not self.failure


def _check_range(name: str, value: float | None, upper: float = math.inf) -> None:
    if value is None:
        return
    # Plain numbers only, since JSON and SQLite take no others. NaN fails every
    # comparison, and infinity is no measurement.
    plain = isinstance(value, int | float)
    if not plain or not 0 <= value <= upper or math.isinf(value):
        limit = "" if upper == math.inf else f" and at most {upper}"
        raise ValueError(
            f"`{name}` must be a plain finite number of at least 0{limit}. "
            f"Received: {value!r}."
        )
