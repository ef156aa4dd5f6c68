"""What tells promising cells from others before any is trained."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from autometa_tf.genomes.genome import Genome


class Predictor(Protocol):
    """A surrogate for training a cell and scoring it (PNAS, section 4.2)."""

    def fit_predict(
        self,
        genomes: Sequence[Genome],
        scores: Sequence[float],
        candidates: Sequence[Genome],
    ) -> np.ndarray:
        """Predicts the candidates' scores from those of the genomes.

        It is fitted from nothing each time, and its answer depends on which genomes
        have which scores, not on the order they come in.

        Args:
          genomes: At least one cell that was trained.
          scores: Their scores, each in [0, 1].
          candidates: Cells to predict a score for.

        Returns:
          float `[len(candidates)]`.
        """
