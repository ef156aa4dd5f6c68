"""A learner -> what runs without us, and what one does with it."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "save_classifier": "classifier_folder",
        "load_classifier": "classifier_folder",
        "AdaptAndPredict": "saved_model",
        "Classifier": "learner",
        "Learner": "learner",
        "SavedModelScorer": "saved_model_scoring",
        "export_saved_model": "saved_model",
        "load_saved_learner": "learner",
    },
)
