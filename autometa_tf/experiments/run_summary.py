"""How a run ended: what summary.json has."""

import dataclasses
from typing import Any

from autometa_tf.experiments.config_fields import from_json
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import (
    Network,
    network_from_json,
    network_to_json,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TestAccuracy:
    """What a trained network reaches on test classes.

    Attributes:
      transductive: The score with all queries of an episode classified as one batch.
      non_transductive: The score with each query classified on its own.
    """

    transductive: Score
    non_transductive: Score

    def __str__(self) -> str:
        return (
            f"{self.transductive} transductive, {self.non_transductive} "
            "non-transductive"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunSummary:
    """How a run ended.

    Attributes:
      network: What was trained in full.
      num_parameters: The number of its weights.
      test_accuracy: What it reaches on test classes.
      candidates_evaluated: How many candidates a search evaluated; None for a training.
      wall_seconds: The seconds from the run's begin to its end, pauses included.
    """

    network: Network
    num_parameters: int
    test_accuracy: TestAccuracy
    candidates_evaluated: int | None = None
    wall_seconds: float = 0.0

    def __post_init__(self):
        for name in ("num_parameters", "wall_seconds"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(
                    f"`{name}` must be at least 0. Received: {getattr(self, name)}."
                )

    def __str__(self) -> str:
        episodes = self.test_accuracy.transductive.num_episodes
        return (
            f"test accuracy over {episodes:,} episodes: {self.test_accuracy}; "
            f"{self.num_parameters:,} parameters"
        )

    def to_json(self) -> dict[str, Any]:
        """What summary.json has; accuracies and intervals lie in [0, 1]."""
        content = {
            "genome": network_to_json(self.network),
            "num_parameters": self.num_parameters,
            "test_accuracy": dataclasses.asdict(self.test_accuracy),
        }
        if self.candidates_evaluated is not None:
            content["candidates_evaluated"] = self.candidates_evaluated
        return content | {"wall_seconds": self.wall_seconds}

    @classmethod
    def from_json(cls, content: Any) -> "RunSummary":
        """The summary that `to_json` made this content of.

        Raises:
          ValueError: It is no summary.
        """
        if not isinstance(content, dict) or "genome" not in content:
            raise ValueError(
                f"summary.json must be a run's summary. Received: {content!r:.80}."
            )
        fields = {"candidates_evaluated": None} | content
        network = network_from_json(fields.pop("genome"))
        plain = from_json(_PlainSummary, fields, "summary")
        return cls(network=network, **vars(plain))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _PlainSummary:
    """What summary.json has beside the network."""

    num_parameters: int
    test_accuracy: TestAccuracy
    candidates_evaluated: int | None
    wall_seconds: float
