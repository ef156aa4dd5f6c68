"""The record of one trained and scored candidate."""

import dataclasses
import math

from autometa_tf.field_checks import check_at_least
from autometa_tf.genomes.genome import Genome


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationKey:
    """Which of a genome's evaluations: what a search varies of what they depend on.

    Attributes:
      seed: The seed of the training and of the scoring episodes.
      outer_iterations: The number of outer iterations that the training is planned for,
        over which its outer step size falls to 0.
      rung: The number of outer iterations after which the learner was scored, at most
        `outer_iterations`.
      num_episodes: The number of episodes that it was scored on.

    Raises:
      ValueError: A number is out of its range.
    """

    seed: int
    outer_iterations: int
    rung: int
    num_episodes: int

    def __post_init__(self):
        if not 1 <= self.rung <= self.outer_iterations:
            raise ValueError(
                f"`rung` must be 1 to the {self.outer_iterations} outer iterations of "
                f"the training. Received: {self.rung}."
            )
        check_at_least(self, num_episodes=2)

    @property
    def is_last(self) -> bool:
        """Whether the training has ended at this rung."""
        return self.rung == self.outer_iterations


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationRequest:
    """What to evaluate.

    Attributes:
      genome: The candidate, in canonical form.
      key: How far to train it, and how to score it.
      learner: The learner as an evaluation at an earlier rung of the same training left
        it; empty to train from the start.
    """

    genome: Genome
    key: EvaluationKey
    learner: bytes = dataclasses.field(default=b"", repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What became of one candidate: a score, or the reason why there is none.

    Attributes:
      genome: The candidate, in canonical form.
      key: What its score depends on besides.
      score: Mean transductive accuracy in [0, 1]; None when it failed.
      score_ci95: Half-width of the score's 95% confidence interval.
      non_transductive_score: Mean non-transductive accuracy in [0, 1].
      non_transductive_ci95: Half-width of its 95% confidence interval.
      num_parameters: Number of the network's weights.
      build_seconds: Time to build and trace the network.
      train_seconds: Time to train it, from the rung before.
      scoring_seconds: Time to score it.
      peak_memory_bytes: Most memory its process had in use.
      num_retries: How often its process died or ran out of time before this.
      failure: "" when it succeeded, else the reason, for people.
      learner: The learner after this rung, for going on; empty after the last, and
        wherever nobody may go on. It is no part of what makes two evaluations equal.

    Raises:
      ValueError: When the fields contradict one another or their ranges.
    """

    genome: Genome
    key: EvaluationKey
    score: float | None
    score_ci95: float | None = None
    non_transductive_score: float | None = None
    non_transductive_ci95: float | None = None
    num_parameters: int = 0
    build_seconds: float = 0.0
    train_seconds: float = 0.0
    scoring_seconds: float = 0.0
    peak_memory_bytes: int = 0
    num_retries: int = 0
    failure: str = ""
    learner: bytes = dataclasses.field(default=b"", repr=False, compare=False)

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
    def succeeded(self) -> bool:
        """Whether there is a score."""
        return not self.failure

    @property
    def seconds(self) -> float:
        """The seconds in which its worker was at work on it; 0 when it failed."""
        return self.build_seconds + self.train_seconds + self.scoring_seconds


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
