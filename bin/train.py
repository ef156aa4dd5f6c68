"""Trains one cell, or the conv4 baseline, in full; scores and exports it.

  bazel run //bin:train -- --genome=genome.json --dataset=omniglot --preset=omniglot
  bazel run //bin:train -- --baseline=conv4 --dataset=omniglot --preset=omniglot

`--outer_iterations` does not matter here: `--final_outer_iterations` does.
"""

from bin import quiet_tensorflow  # noqa: F401

# isort: split
import dataclasses
import json
import os

from absl import flags

from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.genomes.genome import genome_to_json, read_genome
from bin import flag_values, run_directory
from bin.child_process import call_in_child
from bin.full_training_run import run_full_training
from bin.parallel_episodes_choice import with_kept_choices
from bin.paths import user_path
from bin.program import run_program
from bin.progress_lines import say, summary_line

GENOME = flags.DEFINE_string("genome", "", "The cell: a genome.json.")
BASELINE = flags.DEFINE_enum(
    "baseline", "", ["", "conv4"], "In place of a cell: Reptile's own network."
)

MAY_DIFFER = ("begun_with", "dataset.data_dir", "dataset.manual_dir")


def main():
    """Trains from flags to summary."""
    if bool(GENOME.value) == bool(BASELINE.value):
        raise ValueError(
            "Either `genome` or `baseline` must be given. "
            f"Received: {GENOME.value!r} and {BASELINE.value!r}."
        )
    genome = read_genome(user_path(GENOME.value)) if GENOME.value else None
    dataset = flag_values.dataset_config()
    candidate = flag_values.candidate_config(dataset.image_shape)
    config = flag_values.full_training_config(candidate)
    run_dir = flag_values.run_directory("train")
    run_directory.make_run_directory(run_dir)
    say(f"run directory {run_dir}")
    splits = load_dataset(dataset, config.episodes.ways)
    flag_values.check_episodes(config, splits)
    say(f"loaded {dataset.name}: {flag_values.describe_splits(splits)}")
    config = with_kept_choices(config, run_dir, "final")
    genome_json = json.loads(genome_to_json(genome)) if genome else BASELINE.value
    content = {
        "genome": genome_json,
        "dataset": dataclasses.asdict(dataset),
        "final": dataclasses.asdict(config),
        "begun_with": run_directory.begun_with(),
    }
    run_directory.keep_config(run_dir, content, MAY_DIFFER)
    names = run_directory.split_names(splits)
    run_directory.write_json(run_dir, run_directory.SPLITS, names)
    if genome:
        run_directory.write_json(run_dir, run_directory.GENOME, genome_json)
    del splits  # The child loads its own.
    result = call_in_child(
        run_full_training,
        genome,
        dataset,
        config,
        run_dir,
        flag_values.strategy_and_cpus(),
    )
    summary = run_directory.summary_of(genome_json, result) | {
        "wall_seconds": run_directory.seconds_since_begun(run_dir)
    }
    run_directory.write_json(run_dir, run_directory.SUMMARY, summary)
    say(summary_line(summary))
    say(f"SavedModel: {os.path.join(run_dir, 'saved_model', '1')}")


if __name__ == "__main__":
    run_program(main, "Start the same command again to go on where it stopped.")
