"""The hyper-parameters of the surrogate predictor."""

import dataclasses

from autometa_tf.field_checks import check_at_least


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
        check_at_least(
            self,
            predictor_cell_size=1,
            predictor_num_layers=1,
            predictor_ensemble_size=1,
        )
