"""Scores a trained network, or a SavedModel, on a dataset's test classes.

  bazel run //bin:evaluate -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:evaluate -- --saved_model=runs/search-omniglot-quick/saved_model/1 \\
      --dataset=omniglot --shots=1

With `--run_dir` everything is as in the training, and only `--num_test_episodes`,
`--data_dir` and `--manual_dir` matter. Episodes scored before are not scored again.
"""

from bin import quiet_tensorflow  # noqa: F401

# isort: split
import dataclasses
import json
import os

from absl import flags

from autometa_tf.episodes.dataset import DatasetConfig
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.saved_model_scoring import score_saved_model
from autometa_tf.evaluators.full_training import score_trained
from autometa_tf.genomes.genome import genome_from_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.scoring import summarize_accuracies
from bin import flag_values, run_directory
from bin.paths import user_path
from bin.program import run_program
from bin.progress_lines import percent, say, training_line

SAVED_MODEL = flags.DEFINE_string("saved_model", "", "The SavedModel to score.")


def main():
    """Scores what the flags name and prints both accuracies."""
    if SAVED_MODEL.value and flag_values.RUN_DIR.value:
        raise ValueError(
            "Either `run_dir` or `saved_model` must be given. Received: "
            f"{flag_values.RUN_DIR.value!r} and {SAVED_MODEL.value!r}."
        )
