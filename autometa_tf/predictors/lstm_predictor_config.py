"""The hyper-parameters of the surrogate predictor."""

import dataclasses


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
