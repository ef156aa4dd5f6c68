"""Trains one cell, or the conv4 baseline, in full; scores and exports it.

  bazel run //bin:train -- --genome=genome.json --dataset=omniglot --preset=omniglot
  bazel run //bin:train -- --baseline=conv4 --dataset=omniglot --preset=omniglot
  bazel run //bin:train -- --learner=glyphs-1shot --image_folder=my_signs --ways=2

With `--learner` the training goes on from a learner, on other classes, also few of them:
three times as many as `--ways`. The network, the images' size and channels and the kind of
its head are the learner's.
`--outer_iterations` does not matter here: `--final_outer_iterations` does.
"""

import os

from absl import flags

from autometa_tf.experiments import jobs
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.learner_card import LEARNER_FIELDS
from autometa_tf.genomes.genome import read_genome
from autometa_tf.networks.network_kinds import Cell, Network, network_from_json
from autometa_tf.programs import config_flags, experiment_flags, progress_display
from autometa_tf.programs.config_flags import given_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program

flags.adopt_module_key_flags(experiment_flags)  # So that --help lists them.
flags.adopt_module_key_flags(progress_display)
flags.adopt_module_key_flags(config_flags)
GENOME = flags.DEFINE_string("genome", "", "The cell to train: a genome.json.")
BASELINE = flags.DEFINE_string(
    "baseline",
    "",
    "Reptile's own network, in place of a cell: conv4, or conv4-24 with 24 filters in "
    "place of its own number.",
)
LEARNER = flags.DEFINE_string(
    "learner",
    "",
    "A learner whose training goes on: the name of one that comes with the library, or "
    "the folder of a run or of a release.",
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


def _network() -> Network | str:
    given = [GENOME.value, BASELINE.value, LEARNER.value]
    if len([value for value in given if value]) != 1:
        raise ValueError(
            "One of `genome`, `baseline` and `learner` must be given. "
            f"Received: {', '.join(map(repr, given))}."
        )
    if LEARNER.value:
        fields = given_values(ExperimentConfig)
        for name in LEARNER_FIELDS:
            if name in fields:
                raise ValueError(
                    f"`{name}` must not be given with `learner`, which has its own. "
                    f"Received: {fields[name]}."
                )
        folder = user_path(LEARNER.value)
        return folder if os.path.exists(folder) else LEARNER.value
    if not BASELINE.value:
        return Cell(read_genome(user_path(GENOME.value)))
    try:
        return network_from_json(BASELINE.value)
    except ValueError:
        raise ValueError(
            "`baseline` must be conv4, or conv4-1 to conv4-1024 with so many filters. "
            f"Received: {BASELINE.value!r}."
        ) from None


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
