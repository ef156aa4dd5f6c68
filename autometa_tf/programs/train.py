"""Trains one cell, or the conv4 baseline, in full; scores and exports it.

  bazel run //bin:train -- --genome=genome.json --dataset=omniglot --preset=omniglot
  bazel run //bin:train -- --baseline=conv4 --dataset=omniglot --preset=omniglot

`--outer_iterations` does not matter here: `--final_outer_iterations` does.
"""

from absl import flags

from autometa_tf.experiments import run_directory
from autometa_tf.experiments.sole_use import sole_use
from autometa_tf.genomes.genome import read_genome
from autometa_tf.programs import flag_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say
from autometa_tf.programs.start_tensorflow import start_tensorflow

flags.adopt_module_key_flags(flag_values)  # So that --help lists them.
GENOME = flags.DEFINE_string("genome", "", "The cell: a genome.json.")
BASELINE = flags.DEFINE_enum(
    "baseline", "", ["", "conv4"], "In place of a cell: Reptile's own network."
)


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
    strategy_and_cpus = flag_values.strategy_and_cpus()
    run_dir = flag_values.run_directory("train")
    run_directory.make_run_directory(run_dir)
    say(f"run directory {run_dir}")
    with sole_use(run_dir):
        start_tensorflow()  # Here, since that takes seconds.
        from autometa_tf.programs import train_run

        train_run.run(genome, dataset, config, run_dir, strategy_and_cpus)


def run():
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
