"""How a run ended: what summary.json has."""

import dataclasses
from typing import Any, Literal

from autometa_tf.experiments.config_fields import from_json
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import (
    Cell,
    Network,
    network_from_json,
    network_to_json,
)
from autometa_tf.search.pareto import ParetoCell

_PARETO_NUMBERS = {"score": float, "num_parameters": int, "seconds_per_episode": float}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SplitAccuracy:
    """What a trained network reaches on the classes of a split.

    Attributes:
      split: Of which classes, "test" or "validation".
      transductive: The score with all queries of an episode classified as one batch.
      non_transductive: The score with each query classified on its own.
    """

    transductive: Score
    non_transductive: Score
    split: Literal["test", "validation"] = "test"

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
      accuracy: What it reaches on classes that it was not trained with.
      candidates_evaluated: How many candidates a search evaluated; None for a training.
      wall_seconds: The seconds from the run's begin to its end, pauses included.
      pareto: The candidates of a search that no other beats in score, size and time.
    """

    network: Network
    num_parameters: int
    accuracy: SplitAccuracy
    candidates_evaluated: int | None = None
    wall_seconds: float = 0.0
    pareto: tuple[ParetoCell, ...] = ()

    def __post_init__(self):
        for name in ("num_parameters", "wall_seconds"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(
                    f"`{name}` must be at least 0. Received: {getattr(self, name)}."
                )

    def __str__(self) -> str:
        episodes = self.accuracy.transductive.num_episodes
        return (
            f"{self.accuracy.split} accuracy over {episodes:,} episodes: "
            f"{self.accuracy}; "
            f"{self.num_parameters:,} parameters"
        )

    @property
    def test_accuracy(self) -> SplitAccuracy | None:
        """What it reaches on test classes; None where it was scored on others."""
        return self.accuracy if self.accuracy.split == "test" else None

    def to_json(self) -> dict[str, Any]:
        """What summary.json has; accuracies and intervals lie in [0, 1].

        The name of the accuracy says of which classes it is: "test_accuracy" or
        "validation_accuracy".
        """
        accuracy = dataclasses.asdict(self.accuracy)
        content = {
            "genome": network_to_json(self.network),
            "num_parameters": self.num_parameters,
            f"{accuracy.pop('split')}_accuracy": accuracy,
        }
        if self.candidates_evaluated is not None:
            content["candidates_evaluated"] = self.candidates_evaluated
            content["pareto"] = [
                {"genome": network_to_json(Cell(cell.genome))}
                | {name: getattr(cell, name) for name in _PARETO_NUMBERS}
                for cell in self.pareto
            ]
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
        pareto = _pareto_from_json(fields.pop("pareto", []))
        network = network_from_json(fields.pop("genome"))
        split = "validation" if "validation_accuracy" in fields else "test"
        accuracy = fields.pop(f"{split}_accuracy", None)
        if isinstance(accuracy, dict):
            accuracy = accuracy | {"split": split}
        fields["accuracy"] = accuracy
        plain = from_json(_PlainSummary, fields, "summary")
        return cls(network=network, pareto=pareto, **vars(plain))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _PlainSummary:
    """What summary.json has beside the network."""

    num_parameters: int
    accuracy: SplitAccuracy
    candidates_evaluated: int | None
    wall_seconds: float


def _pareto_from_json(content: Any) -> tuple[ParetoCell, ...]:
    names = {"genome", *_PARETO_NUMBERS}
    if not isinstance(content, list) or not all(
        isinstance(each, dict) and each.keys() == names for each in content
    ):
        raise ValueError(
            f"`pareto` must be a list of objects with {', '.join(sorted(names))}. "
            f"Received: {content!r:.80}."
        )
    cells = []
    for each in content:
        network = network_from_json(each["genome"])
        if not isinstance(network, Cell):
            raise ValueError(f"`pareto` must be of cells. Received: {network!r:.80}.")
        numbers = {
            name: from_json(kind, each[name], name)
            for name, kind in _PARETO_NUMBERS.items()
        }
        cells.append(ParetoCell(genome=network.genome, **numbers))
    return tuple(cells)
