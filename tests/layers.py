"""The house's rules: who imports whom. `layering_test` keeps them."""

# What each room may import of ours: whole rooms, or single files of a room.
LAYERS = {
    "__init__": ["tensorflow_environment"],
    "__main__": ["programs.autometa"],
    "lazy_names": [],
    "machine": [],
    "tensorflow_environment": [],
    "genomes": [],
    "kernels": [],
    "networks": ["genomes", "kernels"],
    "episodes": ["machine"],
    "learners": ["episodes", "machine"],
    "predictors": ["genomes"],
    "exports": ["episodes", "networks", "learners"],
    "teaching": ["exports"],
    "candidates": ["genomes", "kernels", "networks", "episodes", "learners"]
    + ["machine"],
    "workers": ["genomes", "kernels", "candidates", "machine"]
    + ["tensorflow_environment"],
    "search": [
        "genomes",
        "predictors.predictor",
        "predictors.ranking",
        "candidates.evaluation",
        "workers.evaluator",
    ],
    "experiments": ["genomes", "networks", "episodes", "learners", "exports"]
    + ["predictors", "candidates", "workers", "search"]
    + ["__init__", "machine", "tensorflow_environment"],
    "reports": [
        "__init__",
        "genomes",
        "learners.score",
        "search",
        "candidates.evaluation",
    ]
    + ["experiments.experiment_config", "experiments.run_directory"]
    + ["experiments.run_summary"],
    "programs": ["genomes", "networks", "exports", "experiments", "reports", "teaching"]
    + ["candidates.evaluation", "search.progress"]  # What a view shows.
    + ["workers.workers_config", "__init__", "tensorflow_environment"],
    # Fakes stand in for anything; only tests import them.
    "testing": ["genomes", "kernels", "networks", "episodes", "learners", "exports"]
    + ["predictors", "candidates", "workers", "search", "experiments"],
}

# What every room may import of ours: words for people, checks of their values, and
# names of packages.
FOR_ALL = ("field_checks", "lazy_names", "plain_text")

# Where alone a package, or a part of one, may be imported.
ONLY_IN = {
    "ray": "autometa_tf/workers/ray_cluster.py",
    "tensorflow_datasets": "autometa_tf/episodes/",
    "absl.flags": "autometa_tf/programs/",
    "plotly": "autometa_tf/reports/",
    "rich": "autometa_tf/programs/",
    "tf.distribute": "autometa_tf/learners/",
    "os.sched_getaffinity": "autometa_tf/machine.py",  # Linux alone has it.
}

# Rooms and files that must work, and start fast, without TensorFlow.
WITHOUT_TENSORFLOW = (
    "autometa_tf/__init__.py",
    "autometa_tf/__main__.py",
    "autometa_tf/machine.py",
    "autometa_tf/plain_text.py",
    "autometa_tf/tensorflow_environment.py",
    "autometa_tf/genomes/",
    "autometa_tf/search/",
    "autometa_tf/candidates/evaluation.py",
    "autometa_tf/learners/score.py",
    "autometa_tf/networks/network_config.py",
    "autometa_tf/networks/network_kinds.py",
    "autometa_tf/networks/network_cost.py",
    "autometa_tf/candidates/sitting.py",
    "autometa_tf/workers/evaluator.py",
    "autometa_tf/workers/local_evaluator.py",
    "autometa_tf/workers/ray_cluster.py",
    "autometa_tf/workers/ray_evaluator.py",
    "autometa_tf/workers/versions.py",
    "autometa_tf/predictors/predictor.py",
    "autometa_tf/predictors/encoding.py",
    "autometa_tf/predictors/features.py",
    "autometa_tf/predictors/feature_predictor.py",
    "autometa_tf/predictors/logits.py",
    "autometa_tf/predictors/ranking.py",
    # Flags are read, and refused, before TensorFlow's seconds begin.
    "autometa_tf/experiments/experiment_config.py",
    "autometa_tf/experiments/jobs.py",
    "autometa_tf/experiments/own_process.py",
    "autometa_tf/experiments/plan_job.py",
    "autometa_tf/experiments/search_plan.py",
    "autometa_tf/experiments/run_directory.py",
    "autometa_tf/experiments/train_best.py",
    "autometa_tf/programs/evaluate.py",
    "autometa_tf/programs/experiment_flags.py",
    "autometa_tf/programs/search.py",
    "autometa_tf/programs/train.py",
)

# Libraries without a test of their own, and why.
UNTESTED = {
    "autometa_tf/__init__.py": "public_names_test and tensorflow_environment_test use it",
    "autometa_tf/__main__.py": "autometa_test runs it",
    "autometa_tf/lazy_names.py": "public_names_test uses it",
    "autometa_tf/candidates/sitting.py": "a record: nothing to run",
    "autometa_tf/workers/evaluator.py": "a protocol: nothing to run",
    "autometa_tf/learners/learner_state.py": "records: nothing to run",
    "autometa_tf/predictors/predictor.py": "a protocol: nothing to run",
    "autometa_tf/programs/captured_streams.py": "live_view_test writes past it",
    "autometa_tf/programs/progress_display.py": "live_view_test runs it in all ways",
    "autometa_tf/networks/layer_weights.py": "layers_test and batch_last_layers_test "
    "compare layers with plain ones",
    "autometa_tf/exports/adaptation.py": "a record: nothing to run",
    "autometa_tf/exports/learner_parts.py": "a record: nothing to run",
    "autometa_tf/exports/measure_litert.py": "litert_test runs it",
    "autometa_tf/exports/support_batches.py": "saved_model_test and "
    "balanced_adaptation_test compare with numpy",
    "autometa_tf/exports/measure.py": "programs' export_test runs it",
    "autometa_tf/experiments/evaluate_job.py": "own_process_test and train_test run it",
    "autometa_tf/experiments/export_job.py": "programs' export_test runs it",
    "autometa_tf/experiments/export_keras.py": "programs' export_test runs it",
    "autometa_tf/experiments/jobs.py": "own_process_test runs them",
    "autometa_tf/experiments/plan_job.py": "search_test: a plan is printed",
    "autometa_tf/experiments/presets.py": "experiment_config_test: presets are its fields",
    "autometa_tf/experiments/pretraining.py": "meta_training_test: trainings that begin "
    "with it",
    "autometa_tf/experiments/training_calls.py": "meta_training_test trains by them",
    "autometa_tf/experiments/release_job.py": "own_process_test runs it",
    "autometa_tf/experiments/search_job.py": "search_test runs it",
    "autometa_tf/reports/page_candidates.py": "page_test sorts and filters it",
    "autometa_tf/reports/page_figures.py": "page_test draws all figures in a browser",
    "autometa_tf/search/configurations.py": "growth_test: searches that grow",
    "autometa_tf/reports/idle_rows.py": "run_report_test: a row of its costs",
    "autometa_tf/reports/pareto_section.py": "run_report_test: a section of it",
    "autometa_tf/search/kept_learners.py": "store_test keeps and forgets them",
    "autometa_tf/search/waiting.py": "loop_test: what searches wait for",
    "autometa_tf/search/planned_stages.py": "run_record_test: stages of all strategies",
    "autometa_tf/search/random_cells.py": "random_search_test and evolution_test use it",
    "autometa_tf/search/state_rows.py": "store_test reads all states",
    "autometa_tf/search/unused_evaluations.py": "growth_test: searches that grow",
    "autometa_tf/search/store_rows.py": "store_test writes and reads all rows",
    "autometa_tf/experiments/train_best.py": "search_test runs it",
    "autometa_tf/experiments/train_job.py": "own_process_test and train_test run it",
}
