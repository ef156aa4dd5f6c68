"""Genomes + scores -> predicted scores."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "FeaturePredictor": "feature_predictor",
        "LstmPredictor": "lstm_predictor",
        "Predictor": "predictor",
        "PredictorConfig": "predictor_config",
        "RankingQuality": "ranking",
        "ranking_quality": "ranking",
    },
)
