"""Measures what the options of Reptile's recipe are worth, as paired differences.

  bazel run //benchmarks:recipe -- --image_folder=FOLDER --output=FOLDER

Each row of `recipe_rows.py` is trained as `bin/train` would, once for each seed, on the
paper's cell, and scored on validation classes, 5-shot and 1-shot; no test class is looked
at. Every learner is offered the same learning rates for scoring: the first episodes choose
one for each number of shots, and the others, which no choice has seen, are its score.

`--image_folder` has mini-ImageNet's classes in folders `train`, `val` and `test`. Below
`--output` each row and seed has its run directory. What was killed goes on with the same
command, and what has ended is not done again. `table.json` and `table.md` there tell of all
rows that have ended so far. So several processes may share the rows out, by `--seeds` or
`--rows`.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment

# isort: split
import itertools
import pathlib
from typing import Any

import keras
from absl import app, flags

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.own_process import print_event
from autometa_tf.experiments.run_data import load_data
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.genomes.genome import read_genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.networks.network_kinds import Cell
from benchmarks.recipe_rows import ROWS, experiment_of
from benchmarks.recipe_runs import measure
from benchmarks.recipe_table import make_table, markdown

_CELL = (
    pathlib.Path(__file__).parents[1] / "testdata" / "genomes" / "auto_meta_small.json"
)
_RESULT = "row.json"

OUTPUT = flags.DEFINE_string("output", None, "Where runs and tables go.", required=True)
IMAGE_FOLDER = flags.DEFINE_string("image_folder", "", "The images; see above.")
ROW_NAMES = flags.DEFINE_list("rows", list(ROWS), "What to measure.")
SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "A training of each row for each.")
OUTER_ITERATIONS = flags.DEFINE_integer("outer_iterations", 1500, "Of a training.")
CHOOSING = flags.DEFINE_integer(
    "choosing_episodes", 60, "On which the learning rate for scoring is chosen."
)
SCORED = flags.DEFINE_integer("scored_episodes", 400, "Whose accuracy is told.")


def main(_):
    """Trains and scores what is left of the rows, and writes the tables."""
    output = pathlib.Path(OUTPUT.value)
    asked = [
        (output / f"{name}-{seed}", _experiment(name, seed))
        for seed, name in itertools.product(map(int, SEEDS.value), ROW_NAMES.value)
    ]
    left = [(path, each) for path, each in asked if not (path / _RESULT).exists()]
    if left:
        use_devices(num_threads=1)
        network = Cell(read_genome(_CELL))
        splits = load_data(left[0][1].data, left[0][1].episodes.ways, print_event)
    for path, experiment in left:
        print(path.name, flush=True)
        run = RunDirectory.make(path)
        with run.sole_use():
            result = measure(
                network,
                experiment,
                splits,
                run,
                num_scored=SCORED.value,
                report=print_event,
            )
            write_json(str(path / _RESULT), result)
        write_tables(output)
        keras.backend.clear_session()
    print(write_tables(output))


def _experiment(name: str, seed: int) -> ExperimentConfig:
    return experiment_of(
        ROWS[name],
        seed,
        image_folder=IMAGE_FOLDER.value,
        final_outer_iterations=OUTER_ITERATIONS.value,
        num_test_episodes=CHOOSING.value,
    )


def write_tables(output: pathlib.Path) -> str:
    """Writes table.json and table.md of all that has ended; returns the latter."""
    results: dict[str, dict[str, Any]] = {name: {} for name in ROWS}
    for path in output.glob(f"*/{_RESULT}"):
        name, _, seed = path.parent.name.rpartition("-")
        if name in results:
            results[name][seed] = read_json(str(path))
    table = make_table(ROWS, results)
    write_json(str(output / "table.json"), table)
    text = markdown(table)
    (output / "table.md").write_text(f"{text}\n")
    return text


if __name__ == "__main__":
    tensorflow_environment.set_for_our_processes()
    app.run(main)
