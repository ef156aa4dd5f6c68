"""The predictor that a configuration names."""

from autometa_tf.predictors.feature_predictor import FeaturePredictor
from autometa_tf.predictors.predictor import Predictor
from autometa_tf.predictors.predictor_config import PredictorConfig


def make_predictor(config: PredictorConfig, seed: int) -> Predictor:
    """Makes the predictor.

    Args:
      config: Which one, and its sizes.
      seed: The seed of what is random in it.
    """
    if config.predictor == "features":
        return FeaturePredictor()
    # Here, because it takes TensorFlow's seconds.
    from autometa_tf.predictors.lstm_predictor import LstmPredictor

    return LstmPredictor(config, seed)
