"""Trains one cell, or the conv4 baseline, in full; scores and exports it.

  bazel run //bin:train -- --genome=genome.json --dataset=omniglot --preset=omniglot
  bazel run //bin:train -- --baseline=conv4 --dataset=omniglot --preset=omniglot

`--outer_iterations` does not matter here: `--final_outer_iterations` does.
"""

from absl import flags

from autometa_tf.experiments import jobs
from autometa_tf.genomes.genome import read_genome
from autometa_tf.networks.network_kinds import Cell, Conv4, Network
from autometa_tf.programs import config_flags, experiment_flags, progress_display
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program

flags.adopt_module_key_flags(experiment_flags)  # So that --help lists them.
flags.adopt_module_key_flags(progress_display)
flags.adopt_module_key_flags(config_flags)
GENOME = flags.DEFINE_string("genome", "", "The cell to train: a genome.json.")
BASELINE = flags.DEFINE_enum(
    "baseline", "", ["", "conv4"], "Reptile's own network, in place of a cell."
)


def main() -> None:
    """Trains from flags to summary."""
    experiment = experiment_flags.experiment()
    if experiment_flags.printed_config(experiment):
        return
    network = _network()
    run_dir = experiment_flags.run_directory_path("train", experiment)
    with progress_display.progress_display() as report:
        jobs.train(network, experiment, run_dir, report=report)


def _network() -> Network:
    if bool(GENOME.value) == bool(BASELINE.value):
        raise ValueError(
            "Either `genome` or `baseline` must be given. "
            f"Received: {GENOME.value!r} and {BASELINE.value!r}."
        )
    return Conv4() if BASELINE.value else Cell(read_genome(user_path(GENOME.value)))


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
