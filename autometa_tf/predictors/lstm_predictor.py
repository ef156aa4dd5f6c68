"""The surrogate predictor: an ensemble of LSTMs."""

from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.encoding import encode_genomes
from autometa_tf.predictors.logits import logit, sigmoid
from autometa_tf.predictors.lstm_network import LstmNetwork
from autometa_tf.predictors.predictor_config import PredictorConfig

# From the paper's section 4.1: the size of the vector that each input or operation is
# read as, and Adam's learning rate.
EMBEDDING_SIZE = 32
LEARNING_RATE = 0.01

# How often each LSTM is updated, on all its genomes together. With many more it would
# learn the scores' noise.
NUM_UPDATES = 50


class LstmPredictor:
    """Predicts scores as PNAS does (section 4.2 there).

    The answer is the same for the same arguments, in any order of the genomes, as long
    as TensorFlow runs on one thread.

    Args:
      config: The sizes of the LSTMs and of the ensemble.
      seed: The seed of initial weights and of all else that is random.
    """

    def __init__(self, config: PredictorConfig, seed: int):
        self._config = config
        self._seed = seed

    def fit_predict(
        self,
        genomes: Sequence[Genome],
        scores: Sequence[float],
        candidates: Sequence[Genome],
    ) -> np.ndarray:
        config = self._config
        rows = sorted(zip(genomes, scores, strict=True))
        tokens = encode_genomes([genome for genome, _ in rows])
        # The networks learn logits, in units of their spread: the task is the same
        # whether scores lie between 0.2 and 0.8 or between 0.97 and 0.98.
        logits = logit(np.array([score for _, score in rows]))
        mean, spread = logits.mean(), max(logits.std(), 1e-6)
        targets = (logits - mean) / spread
        candidate_tokens = encode_genomes(candidates)
        network = LstmNetwork(
            num_units=config.predictor_cell_size,
            num_layers=config.predictor_num_layers,
            embedding_size=EMBEDDING_SIZE,
            learning_rate=LEARNING_RATE,
        )
        generator = np.random.default_rng(self._seed)
        shares = generator.permutation(len(rows)) % config.predictor_ensemble_size
        predictions = []
        for member in range(config.predictor_ensemble_size):
            fitted = shares != member
            if not fitted.any():  # One row, or an ensemble of one.
                fitted[:] = True
            seed = int(generator.integers(2**31))
            network.fit(
                tokens[fitted], targets[fitted], num_updates=NUM_UPDATES, seed=seed
            )
            outputs = network.predict(candidate_tokens)
            predictions.append(sigmoid(mean + spread * outputs))
        return np.mean(predictions, axis=0)
