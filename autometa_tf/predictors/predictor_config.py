"""The hyper-parameters of the surrogate predictor."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictorConfig:
    """The surrogate predictor; defaults are Table A1's, and PNAS's ensemble.

    Attributes:
      predictor_cell_size: The number of units of each LSTM layer of the predictor.
      predictor_num_layers: The number of LSTM layers of the predictor.
      predictor_ensemble_size: The number of LSTMs whose predictions are averaged. With
        two or more, each is fitted to all scores but a share of its own.
    """

    predictor_cell_size: int = 100
    predictor_num_layers: int = 1
    predictor_ensemble_size: int = 5

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value < 1:
                raise ValueError(
                    f"`{field.name}` must be at least 1. Received: {value}."
                )
