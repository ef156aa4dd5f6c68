"""Model + episodes -> meta-trained weights: Reptile, its inner loop, scoring."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "AdamConfig": "adam_config",
        "DistributionConfig": "distribution_config",
        "DivergedError": "reptile_learner",
        "EpisodeScorer": "scoring",
        "LearnerCheckpoints": "checkpoints",
        "LearnerState": "learner_state",
        "ParallelModel": "parallel_model",
        "ReptileConfig": "reptile_config",
        "ReptileLearner": "reptile_learner",
        "Score": "score",
        "ScoringConfig": "scoring_config",
        "make_distribution": "distribution",
        "use_devices": "devices",
    },
)
