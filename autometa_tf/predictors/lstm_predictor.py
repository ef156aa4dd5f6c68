"""The surrogate predictor: an ensemble of LSTMs."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.encoding import encode_genomes
from autometa_tf.predictors.lstm_network import LstmNetwork

# Scores closer than this to 0 or 1 are taken for so close.
_MIN_DISTANCE = 1e-3


@dataclasses.dataclass(frozen=True, kw_only=True)
class LstmPredictorConfig:
    """Defaults: the paper's section 4.1 and Table A1, and PNAS's ensemble.

    Attributes:
      num_units: size of each LSTM layer.
      num_layers: number of LSTM layers.
      embedding_size: size of the vector each input or operation is read as.
      ensemble_size: number of LSTMs whose predictions are averaged. Of two or more,
        each is fitted on all genomes but a share of one in `ensemble_size`.
      learning_rate: of Adam.
      num_updates: how often each LSTM is updated, on all its genomes together. Many
        more, and it learns the scores' noise.
      seed: seed of initial weights and all that is random.
    """

    num_units: int = 100
    num_layers: int = 1
    embedding_size: int = 32
    ensemble_size: int = 5
    learning_rate: float = 0.01
    num_updates: int = 50
    seed: int = 0

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name != "seed" and not value > 0:
                raise ValueError(f"`{field.name}` must be positive. Received: {value}.")


class LstmPredictor:
    """Predicts scores as PNAS does (section 4.2 there).

    The answer is the same for the same arguments, in any order of the genomes, as long
    as TensorFlow runs on one thread.
    """

    def __init__(self, config: LstmPredictorConfig):
        self._config = config

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
        logits = _logit(np.array([score for _, score in rows]))
        mean, spread = logits.mean(), max(logits.std(), 1e-6)
        targets = (logits - mean) / spread
        candidate_tokens = encode_genomes(candidates)
        network = LstmNetwork(
            num_units=config.num_units,
            num_layers=config.num_layers,
            embedding_size=config.embedding_size,
            learning_rate=config.learning_rate,
        )
        generator = np.random.default_rng(config.seed)
        shares = generator.permutation(len(rows)) % config.ensemble_size
        predictions = []
        for member in range(config.ensemble_size):
            fitted = shares != member
            if not fitted.any():  # One row, or an ensemble of one.
                fitted[:] = True
            seed = int(generator.integers(2**31))
            network.fit(
                tokens[fitted],
                targets[fitted],
                num_updates=config.num_updates,
                seed=seed,
            )
            outputs = network.predict(candidate_tokens)
            predictions.append(_sigmoid(mean + spread * outputs))
        return np.mean(predictions, axis=0)


def _logit(scores: np.ndarray) -> np.ndarray:
    scores = np.clip(scores, _MIN_DISTANCE, 1 - _MIN_DISTANCE)
    return np.log(scores / (1 - scores))


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
