"""One experiment, its run directory, and the jobs: search, train, evaluate."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "ExperimentConfig": "experiment_config",
        "FullTrainingConfig": "experiment_config",
        "Message": "events",
        "RunDirectory": "run_directory",
        "RunSummary": "run_summary",
        "SittingBegun": "events",
        "SplitAccuracy": "run_summary",
        "TrainingProgress": "events",
        "evaluate": "own_process",
        "evaluate_protocols": "own_process",
        "open_run": "run_directory",
        "release_learner": "own_process",
        "search_cell": "own_process",
        "train": "own_process",
    },
)
