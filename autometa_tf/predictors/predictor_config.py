"""The hyper-parameters of the surrogate predictor."""

import dataclasses
from typing import Literal

from autometa_tf.field_checks import check_at_least, check_choices


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictorConfig:
    """The surrogate predictor; the LSTMs' defaults are Table A1's and PNAS's ensemble.

    Attributes:
      predictor: What predicts the scores of cells that were not trained: `features` is
        a ridge regression on what a cell's graph is like, `lstm` PNAS's ensemble.
      predictor_cell_size: The number of units of each LSTM layer of the predictor.
      predictor_num_layers: The number of LSTM layers of the predictor.
      predictor_ensemble_size: The number of LSTMs whose predictions are averaged. With
        two or more, each is fitted to all scores but a share of its own.
    """

    predictor: Literal["lstm", "features"] = "lstm"
    predictor_cell_size: int = 100
    predictor_num_layers: int = 1
    predictor_ensemble_size: int = 5

    def __post_init__(self):
        check_choices(self)
        check_at_least(
            self,
            predictor_cell_size=1,
            predictor_num_layers=1,
            predictor_ensemble_size=1,
        )
