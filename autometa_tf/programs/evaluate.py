"""Scores a trained network, or a SavedModel, on a dataset's test classes.

  bazel run //bin:evaluate -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:evaluate -- --saved_model=runs/search-omniglot-quick/saved_model/1 \\
      --dataset=omniglot --shots=1

Without `--saved_model` everything is as in the run's training, and only
`--num_test_episodes` and where the data lie now (`--image_folder`, `--data_dir`,
`--manual_dir`) matter. Each episode is kept in the run directory, and not scored again.
A SavedModel has run directories of its own.
"""

from absl import flags

from autometa_tf.programs import flag_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.start_tensorflow import start_tensorflow

flags.adopt_module_key_flags(flag_values)  # So that --help lists them.
SAVED_MODEL = flags.DEFINE_string("saved_model", "", "The SavedModel to score.")


def main():
    """Scores what the flags name and prints both accuracies."""
    saved_model = user_path(SAVED_MODEL.value)
    if not saved_model and not flag_values.RUN_DIR.value:
        raise ValueError("`run_dir` or `saved_model` must be given. Received: neither.")
    flag_values.at_least("num_test_episodes", 2)  # For an interval around their mean.
    flag_values.at_least("shots", 1)
    start_tensorflow()  # Here, since that takes seconds.
    from autometa_tf.programs import evaluate_run

    evaluate_run.run(saved_model)


def run():
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
