"""The bank's table as curves, one for each cell and seed."""

import csv
import dataclasses
from collections.abc import Mapping

from autometa_tf.genomes.genome import Genome, genome_from_json

_COLUMNS = ("part", "genome", "seed", "rung", "score", "score_ci95", "failure")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Curve:
    """What one training of a cell scored.

    Attributes:
      genome: The cell.
      part: "tuning" or "test".
      seed: The seed it was trained with.
      scores: Its scores by rung, as many as there are.
      ci95: The half-widths of their 95% intervals over episodes, by rung.
    """

    genome: Genome
    part: str
    seed: int
    scores: Mapping[int, float]
    ci95: Mapping[int, float]


def read_curves(path: str) -> list[Curve]:
    """Reads bank.csv; cells keep their order, and failed evaluations are left out.

    Raises:
      ValueError: It is no such table.
    """
    found: dict[tuple[str, int], Curve] = {}
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(_COLUMNS) - set(reader.fieldnames or ()):
            raise ValueError(
                f"`bank` must be a table with the columns {', '.join(_COLUMNS)}. "
                f"Received: {path}, without {', '.join(sorted(missing))}."
            )
        for row in reader:
            curve = found.setdefault(
                (row["genome"], int(row["seed"])),
                Curve(
                    genome=genome_from_json(row["genome"]),
                    part=row["part"],
                    seed=int(row["seed"]),
                    scores={},
                    ci95={},
                ),
            )
            if row["score"] and not row["failure"]:
                curve.scores[int(row["rung"])] = float(row["score"])
                curve.ci95[int(row["rung"])] = float(row["score_ci95"])
    return list(found.values())
