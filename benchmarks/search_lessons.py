"""What a search taught its predictor, judged on cells that no search chose."""

import csv
import os
from collections.abc import Sequence
from typing import Any

from autometa_tf.genomes.genome import Genome, genome_from_json
from autometa_tf.predictors.predictor import Predictor
from benchmarks.bank_table import Curve
from benchmarks.predictor_quality import Scored, judge

_COLUMNS = ("genome", "stage", "rung", "score")


def read_stages(path: str) -> list[list[tuple[Genome, float]]]:
    """The scores at the first rung of a search's candidates, stage by stage.

    Args:
      path: A report's candidates.csv.

    Raises:
      ValueError: It is no such table.
    """
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(_COLUMNS) - set(reader.fieldnames or ()):
            raise ValueError(
                f"`searches` must be tables with the columns {', '.join(_COLUMNS)}. "
                f"Received: {path}, without {', '.join(sorted(missing))}."
            )
        rows = [row for row in reader if row["score"]]
    first = min((int(row["rung"]) for row in rows), default=0)
    stages: dict[int, list[tuple[Genome, float]]] = {}
    for row in rows:
        if int(row["rung"]) == first:
            found = genome_from_json(row["genome"]), float(row["score"])
            stages.setdefault(int(row["stage"]), []).append(found)
    return [stages[number] for number in sorted(stages)]


def lessons(
    path: str, curves: Sequence[Curve], predictor: Predictor, rungs: Sequence[int]
) -> list[dict[str, Any]]:
    """How well a search's scores let a predictor rank the bank's larger cells.

    The predictor is fitted on the first stage of the search, then on the first two, and
    so on, and each time ranks the bank's cells of more than one block, which were drawn
    at random. All are ranked, whatever part of the bank they are in: nothing is chosen
    by it.

    Args:
      path: The candidates.csv of the search.
      curves: The bank.
      predictor: What the search would choose by.
      rungs: After how many outer iterations the bank's scores are ranked.
    """
    stages, found = read_stages(path), []
    for number in range(1, len(stages) + 1):
        fitted: Scored = [cell for stage in stages[:number] for cell in stage]
        known = {genome for genome, _ in fitted}
        for rung in rungs:
            held_out = [
                (curve.genome, curve.scores[rung])
                for curve in curves
                if curve.seed == 0
                and rung in curve.scores
                and curve.genome.num_blocks > 1
                and curve.genome not in known
            ]
            quality = judge(predictor, iter([(fitted, held_out)]))
            found.append(
                {
                    "search": search_name(path),
                    "stages": number,
                    "fitted": len(fitted),
                    "rung": rung,
                    "held_out": quality.num_held_out,
                    "spearman": quality.spearman,
                    "low": quality.low,
                    "high": quality.high,
                }
            )
    return found


def search_name(path: str) -> str:
    """A search's name: that of its run directory, in which its report lies."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.basename(folder) == "report":
        folder = os.path.dirname(folder)
    return os.path.basename(folder)
