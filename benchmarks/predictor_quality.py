"""How well a predictor ranks cells that it was not fitted on."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats

from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.features import FEATURES, genome_features
from autometa_tf.predictors.predictor import Predictor
from autometa_tf.predictors.ranking import ranking_quality
from benchmarks.rank_intervals import NUM_RESAMPLES, interval

# Fewer held-out cells say nothing of a ranking.
_LEAST_FITTED, _LEAST_HELD_OUT = 4, 3

Scored = Sequence[tuple[Genome, float]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quality:
    """The quality of predictions in one or more divisions, means by held-out cells.

    Attributes:
      num_divisions: How many divisions there were.
      num_held_out: The number of predictions in all.
      spearman: Spearman's correlation within a division, None where undefined.
      low: The lower end of its 95% bootstrap interval over held-out cells.
      high: The upper end.
      kendall: Kendall's tau-b within a division.
      precision: The share of a division's true best quarter that is among the predicted
        best quarter.
    """

    num_divisions: int
    num_held_out: int
    spearman: float | None
    low: float | None
    high: float | None
    kendall: float | None
    precision: float | None


class SizePredictor:
    """Ranks cells by the weights of their convolutions and adapters alone."""

    def fit_predict(
        self,
        genomes: Sequence[Genome],
        scores: Sequence[float],
        candidates: Sequence[Genome],
    ) -> np.ndarray:
        del genomes, scores  # It learns nothing; what does must be better.
        return genome_features(candidates)[:, FEATURES.index("weights")]


def by_blocks(fitted: Scored, held_out: Scored) -> Iterator[tuple[Scored, Scored]]:
    """PNAS's divisions: cells of fewer blocks, and those with one more."""
    for num_blocks in sorted({genome.num_blocks for genome, _ in held_out}):
        yield (
            [each for each in fitted if each[0].num_blocks < num_blocks],
            [each for each in held_out if each[0].num_blocks == num_blocks],
        )


def at_random(cells: Scored, num_divisions: int) -> Iterator[tuple[Scored, Scored]]:
    """Divisions into two thirds to fit on and one third held out."""
    generator = np.random.default_rng(0)
    for _ in range(num_divisions):
        order = generator.permutation(len(cells))
        first = -(-2 * len(cells) // 3)
        yield [cells[i] for i in order[:first]], [cells[i] for i in order[first:]]


def judge(predictor: Predictor, divisions: Iterator[tuple[Scored, Scored]]) -> Quality:
    """Fits and predicts in each division; those with too few cells are left out."""
    pairs = []
    for fitted, held_out in divisions:
        if len(fitted) < _LEAST_FITTED or len(held_out) < _LEAST_HELD_OUT:
            continue
        predictions = predictor.fit_predict(
            [genome for genome, _ in fitted],
            [score for _, score in fitted],
            [genome for genome, _ in held_out],
        )
        pairs.append((predictions, np.array([score for _, score in held_out])))
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(NUM_RESAMPLES // 5 if pairs else 0):
        rows = [generator.integers(len(x), size=len(x)) for x, _ in pairs]
        resampled = [(x[i], y[i]) for (x, y), i in zip(pairs, rows, strict=True)]
        sizes = [len(y) for _, y in resampled]
        drawn.append(
            np.average([_spearman(*pair) for pair in resampled], weights=sizes)
        )
    low, high = interval(drawn)
    return Quality(
        num_divisions=len(pairs),
        num_held_out=sum(len(y) for _, y in pairs),
        spearman=_mean(pairs, "spearman"),
        low=low,
        high=high,
        kendall=_mean(pairs, "kendall"),
        precision=_precision(pairs),
    )


def precision_of_best(predictions: np.ndarray, scores: np.ndarray, count: int) -> float:
    """Which share of the `count` best cells is among the `count` predicted best."""
    predicted = np.argsort(-predictions, kind="stable")[:count]
    best = np.argsort(-scores, kind="stable")[:count]
    return len(set(predicted.tolist()) & set(best.tolist())) / count


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    """As `ranking_quality` has it, in less time; 0 where it is undefined."""
    if not (np.ptp(x) and np.ptp(y)):
        return 0.0
    return float(np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1])


def _mean(pairs: Sequence[tuple[np.ndarray, np.ndarray]], name: str) -> float | None:
    """The mean correlation, by held-out cells; an undefined one orders nothing: 0."""
    if not pairs:
        return None
    values = [getattr(ranking_quality(x, y), name) or 0.0 for x, y in pairs]
    return float(np.average(values, weights=[len(y) for _, y in pairs]))


def _precision(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float | None:
    if not pairs:
        return None
    values = [precision_of_best(x, y, max(1, len(y) // 4)) for x, y in pairs]
    return float(np.average(values, weights=[len(y) for _, y in pairs]))
