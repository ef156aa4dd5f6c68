"""What one candidate is: its configuration, its evaluation, the record of it."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "CandidateConfig": "candidate_config",
        "ComputationConfig": "computation_config",
        "Evaluation": "evaluation",
        "EvaluationKey": "evaluation",
        "make_learner": "candidate",
        "make_model": "candidate",
        "make_scorer": "candidate",
    },
)
