"""Scores a trained network, or a SavedModel, on a dataset's test classes.

  bazel run //bin:evaluate -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:evaluate -- --saved_model=runs/search-omniglot-quick/saved_model/1 \\
      --dataset=omniglot --shots=1

Without `--saved_model` everything is as in the run's training, and only
`--num_test_episodes` and where the data lie now (`--image_folder`, `--data_dir`,
`--manual_dir`) matter. Each episode is kept in the run directory, and not scored again.
A SavedModel has run directories of its own.
"""

import dataclasses
import json

from absl import flags

from autometa_tf.experiments import jobs
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_data import PLACES
from autometa_tf.experiments.run_summary import TestAccuracy
from autometa_tf.programs import config_flags, experiment_flags
from autometa_tf.programs.config_flags import given_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell

flags.adopt_module_key_flags(experiment_flags)  # So that --help lists them.
flags.adopt_module_key_flags(config_flags)
SAVED_MODEL = flags.DEFINE_string("saved_model", "", "The SavedModel to score.")


def main() -> None:
    """Scores what the flags name and prints both accuracies."""
    experiment = experiment_flags.experiment()
    if experiment_flags.printed_config(experiment):
        return
    if SAVED_MODEL.value:
        run_dir = experiment_flags.run_directory_path("evaluate", experiment)
        saved_model = user_path(SAVED_MODEL.value)
        scores = jobs.evaluate_saved_model(saved_model, experiment, run_dir, report=say)
    else:
        scores = _evaluate_run(experiment.full_training.num_test_episodes)
    for name, score in vars(scores).items():
        say(f"{name}: {score} over {score.num_episodes:,} test episodes")
    tell(json.dumps(dataclasses.asdict(scores)))


def _evaluate_run(num_test_episodes: int) -> TestAccuracy:
    run_dir = user_path(experiment_flags.RUN_DIR.value)
    if not run_dir:
        raise ValueError("`run_dir` or `saved_model` must be given. Received: neither.")
    given = given_values(ExperimentConfig)
    places = {name: user_path(given[name]) for name in PLACES if name in given}
    return jobs.evaluate(run_dir, num_test_episodes, **places, report=say)


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
