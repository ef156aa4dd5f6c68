"""Searches a cell for a meta-learner, trains it in full, scores and exports it.

  bazel run //bin:search -- --dataset=glyphs --preset=quick

The run directory then holds the genome (genome.json), its network as a SavedModel that
adapts to new classes (saved_model/1), what was found (summary.json, search.sqlite) and
TensorBoard logs. The same command goes on where it was stopped.
"""

import time

from absl import flags

from autometa_tf.experiments import run_directory
from autometa_tf.experiments.sole_use import sole_use
from autometa_tf.plain_text import duration
from autometa_tf.predictors.lstm_predictor_config import LstmPredictorConfig
from autometa_tf.programs import flag_values
from autometa_tf.programs.flag_values import value
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say
from autometa_tf.programs.start_tensorflow import start_tensorflow
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.workers.ray_cluster import warm_up
from autometa_tf.workers.workers_config import WorkersConfig

flags.adopt_module_key_flags(flag_values)  # So that --help lists them.
SEARCH_STRATEGY = flags.DEFINE_enum(
    "search_strategy", "pnas", ["pnas", "random"], "How candidates are chosen."
)
PREDICTOR_ENSEMBLE_SIZE = flags.DEFINE_integer(
    "predictor_ensemble_size", 5, "LSTMs whose predictions are averaged."
)
SCORING_SPLIT = flags.DEFINE_enum(
    "scoring_split",
    "validation",
    ["validation", "test"],
    "Classes that score candidates. `test` is the paper's literal reading; the test "
    "score is then not that of unseen classes.",
)
NUM_WORKERS = flags.DEFINE_integer(
    "num_workers",
    None,
    "Candidates at a time, each on a thread of its own; 0: in this process. Default: "
    "one for each core.",
)
RAY_ADDRESS = flags.DEFINE_string(
    "ray_address", "", "A Ray cluster to join. Default: start one on this machine."
)
CPUS_PER_CANDIDATE = flags.DEFINE_float(
    "cpus_per_candidate", 1.0, "Cores, and threads, of a candidate."
)
GPUS_PER_CANDIDATE = flags.DEFINE_float(
    "gpus_per_candidate", 0.0, "GPUs of a candidate; a fraction shares one."
)
CANDIDATE_TIMEOUT_MINUTES = flags.DEFINE_float(
    "candidate_timeout_minutes", 0.0, "Longest time for a candidate; 0: no limit."
)
MAX_RETRIES_PER_CANDIDATE = flags.DEFINE_integer(
    "max_retries_per_candidate", 3, "Retries after a candidate's worker was lost."
)
MAX_CONSECUTIVE_FAILURES = flags.DEFINE_integer(
    "max_consecutive_failures", 10, "Failures in a row that stop the search."
)


def main():
    """Runs the search from flags to summary."""
    start = time.monotonic()
    settings, workers = _settings(), _workers_config()
    strategy_and_cpus = flag_values.strategy_and_cpus()
    run_dir = flag_values.run_directory("search")
    run_directory.make_run_directory(run_dir)
    say(f"run directory {run_dir}")
    with sole_use(run_dir, shared=True):
        if (
            not workers.in_this_process
        ):  # They import TensorFlow while this process does.
            warm_up(workers, "autometa_tf.candidates.evaluate_genome")
        start_tensorflow()  # Here, since that takes seconds.
        from autometa_tf.programs import search_run

        search_run.run(settings, workers, run_dir, strategy_and_cpus)
    say(f"done; this command took {duration(time.monotonic() - start)}")


def _settings() -> dict:
    """All that a run's answer depends on, checked before work starts."""
    dataset = flag_values.dataset_config()
    candidate = flag_values.candidate_config(dataset.image_shape)
    return {
        "dataset": dataset,
        "candidate": candidate,
        "strategy": SearchConfig(
            search_strategy=SEARCH_STRATEGY.value,
            max_num_blocks=value("max_num_blocks"),
            beam_size=value("beam_size"),
            scoring_split=SCORING_SPLIT.value,
            max_consecutive_failures=MAX_CONSECUTIVE_FAILURES.value,
        ),
        "predictor": LstmPredictorConfig(
            num_units=value("predictor_cell_size"),
            num_layers=value("predictor_num_layers"),
            ensemble_size=PREDICTOR_ENSEMBLE_SIZE.value,
            seed=candidate.seed,
        ),
        "final": flag_values.full_training_config(candidate),
        "search_strategy": SEARCH_STRATEGY.value,
        "scoring_split": SCORING_SPLIT.value,
    }


def _workers_config() -> WorkersConfig:
    """Where candidates are evaluated."""
    return WorkersConfig(
        ray_address=RAY_ADDRESS.value,
        num_workers=NUM_WORKERS.value,
        cpus_per_candidate=CPUS_PER_CANDIDATE.value,
        gpus_per_candidate=GPUS_PER_CANDIDATE.value,
        candidate_timeout_minutes=CANDIDATE_TIMEOUT_MINUTES.value,
        max_retries_per_candidate=MAX_RETRIES_PER_CANDIDATE.value,
    )


def run():
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
