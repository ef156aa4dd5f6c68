"""The surrogate predictor: ridge regression on what a cell's graph is like."""

from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.features import genome_features
from autometa_tf.predictors.logits import logit, sigmoid

# The weight of the coefficients' squares beside that of the errors' squares, in units
# of standardised features and logits. From 3 to 30 rankings hardly differ.
PENALTY = 10.0


class FeaturePredictor:
    """Predicts scores by a linear function of `genome_features`.

    It has a number to learn for each feature where an LSTM has tens of thousands, so that the few dozen
    scores of a search are enough, and more of what helped is predicted to help more in
    the larger cells of the next stage. The same arguments give the same answer, bit for
    bit, in any order of the genomes and on any number of threads.
    """

    def fit_predict(
        self,
        genomes: Sequence[Genome],
        scores: Sequence[float],
        candidates: Sequence[Genome],
    ) -> np.ndarray:
        rows = sorted(zip(genomes, scores, strict=True))
        features = genome_features([genome for genome, _ in rows])
        logits = logit(np.array([score for _, score in rows]))
        mean, spread = features.mean(axis=0), features.std(axis=0)
        # What all cells have in common tells nothing: its coefficient is 0.
        spread[spread < 1e-9] = np.inf
        coefficients = ridge_coefficients(
            (features - mean) / spread, logits - logits.mean(), PENALTY
        )
        standardised = (genome_features(candidates) - mean) / spread
        outputs = np.einsum("ij,j->i", standardised, coefficients)
        return sigmoid(logits.mean() + outputs)


def ridge_coefficients(
    features: np.ndarray, targets: np.ndarray, penalty: float
) -> np.ndarray:
    """Minimises the sum of squared errors plus `penalty` times that of coefficients.

    Args:
      features: float64 `[rows, features]`.
      targets: float64 `[rows]`.
      penalty: Greater than 0.

    Returns:
      float64 `[features]`.
    """
    # Sums by einsum, because a BLAS's rounding depends on its threads.
    products = np.einsum("ij,ik->jk", features, features)
    products += penalty * np.eye(len(products))
    return np.linalg.solve(products, np.einsum("ij,i->j", features, targets))
