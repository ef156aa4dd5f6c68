"""Which cells a stage tries: most of them the predictor's best, some drawn at random."""

import random
from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import Genome
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import Stage


def chosen_cells(
    predictions: Sequence[float], config: SearchConfig, generator: random.Random
) -> list[int]:
    """Chooses a stage's candidates.

    All but a share of `exploration` are those with the highest predictions, as in PNAS
    (Liu et al., 2018). The others are drawn from the rest, with equal chances: a
    predictor that never sees what it thinks little of cannot find out that it is wrong.

    Args:
      predictions: The predicted score of each cell that there is to choose from.
      config: How many to choose.
      generator: What draws.

    Returns:
      The positions of at most `beam_size` cells, rising. Of equal predictions the
      first is the better one.
    """
    order = _best_first(predictions)
    best, rest = _divided(order, config)
    num_drawn = min(config.beam_size - len(best), len(rest))
    return sorted(best + generator.sample(sorted(rest), num_drawn))


def drawn_at_random(stage: Stage, config: SearchConfig) -> list[Genome]:
    """Those of a stage's candidates that the predictor did not choose, sorted.

    Args:
      stage: A stage of `chosen_cells`.
      config: What it was chosen by.
    """
    if stage.predictions is None:
        return []
    _, rest = _divided(_best_first(stage.predictions), config)
    return [stage.genomes[position] for position in sorted(rest)]


def _best_first(predictions: Sequence[float]) -> list[int]:
    return np.argsort(-np.asarray(predictions), kind="stable").tolist()


def _divided(order: list[int], config: SearchConfig) -> tuple[list[int], list[int]]:
    """The cells that the predictor chooses, and all others."""
    num_best = config.beam_size - int(config.exploration * config.beam_size)
    return order[:num_best], order[num_best:]
