"""Where candidates are evaluated: in this process, or on Ray."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "Evaluator": "evaluator",
        "LocalEvaluator": "local_evaluator",
        "RayEvaluator": "ray_evaluator",
        "WorkersConfig": "workers_config",
    },
)
