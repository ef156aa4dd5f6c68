"""A predictor that knows the answer, or makes one up."""

from collections.abc import Callable, Sequence

import numpy as np

from autometa_tf.genomes.genome import Genome


class FakePredictor:
    """Predicts by a function of the genome.

    Attributes:
      calls: The arguments of each call, as `(genomes, scores, candidates)`.
    """

    def __init__(self, predict: Callable[[Genome], float]):
        self._predict = predict
        self.calls = []

    def fit_predict(
        self,
        genomes: Sequence[Genome],
        scores: Sequence[float],
        candidates: Sequence[Genome],
    ) -> np.ndarray:
        self.calls.append((list(genomes), list(scores), list(candidates)))
        return np.array([self._predict(candidate) for candidate in candidates])
