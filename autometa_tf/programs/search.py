"""Searches a cell for a meta-learner, trains it in full, scores and exports it.

  bazel run //bin:search -- --dataset=glyphs --preset=quick

The run directory then holds the genome (genome.json), its network as a SavedModel that
adapts to new classes (saved_model/1), what was found (summary.json, search.sqlite) and
TensorBoard logs. The same command goes on where it was stopped.
"""

import time

from absl import flags

from autometa_tf.experiments import jobs, plan_job
from autometa_tf.experiments.config_fields import Leaf
from autometa_tf.experiments.presets import default_text
from autometa_tf.plain_text import duration
from autometa_tf.programs import config_flags, experiment_flags, progress_display
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell
from autometa_tf.workers.workers_config import WorkersConfig

PLAN = flags.DEFINE_bool(
    "plan",
    False,
    "Whether to print what the search will take - candidates by stage, hours, memory "
    "and disk - and do no more.",
)
flags.adopt_module_key_flags(experiment_flags)  # So that --help lists them.


def _default_text(leaf: Leaf) -> str:
    no_value = leaf.default is None or leaf.default == ""
    return "" if no_value else default_text(leaf.name, leaf.default)


config_flags.define_flags(WorkersConfig, _default_text)
flags.adopt_module_key_flags(progress_display)
flags.adopt_module_key_flags(config_flags)  # After the last of them is defined.


def main() -> None:
    """Runs the search from flags to summary."""
    start = time.monotonic()
    experiment = experiment_flags.experiment()
    workers = WorkersConfig(**config_flags.given_values(WorkersConfig))
    if experiment_flags.printed_config(experiment):
        return
    run_dir = experiment_flags.run_directory_path("search", experiment)
    if PLAN.value:
        tell(str(plan_job.plan(experiment, run_dir, workers, report=say)))
        return
    with progress_display.progress_display() as report:
        jobs.search(experiment, run_dir, workers, report=report)
    say(f"done; this command took {duration(time.monotonic() - start)}")


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
