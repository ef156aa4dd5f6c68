"""Measures what options of Reptile's recipe, or architectures, are worth: differences.

  bazel run //benchmarks:recipe -- --image_folder=FOLDER --output=FOLDER
  bazel run //benchmarks:recipe -- --table=architectures --image_folder=… --output=…

Each row of `recipe_rows.py`, or of `architecture_rows.py`, is trained as `bin/train` would, once for each seed, and scored on
validation classes, 5-shot and 1-shot; no test class is looked
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
from collections.abc import Mapping
from typing import Any

import keras
from absl import app, flags

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.own_process import print_event
from autometa_tf.experiments.run_data import load_data
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.learners.devices import use_devices
from benchmarks import architecture_rows, recipe_rows
from benchmarks.recipe_rows import Row, experiment_of
from benchmarks.recipe_runs import measure
from benchmarks.recipe_table import make_table, markdown

_RESULT = "row.json"
_TABLES = {"recipe": recipe_rows.ROWS, "architectures": architecture_rows.ROWS}

OUTPUT = flags.DEFINE_string("output", None, "Where runs and tables go.", required=True)
IMAGE_FOLDER = flags.DEFINE_string("image_folder", "", "The images; see above.")
TABLE = flags.DEFINE_enum(
    "table", "recipe", ["recipe", "architectures"], "Which rows there are."
)
ROW_NAMES = flags.DEFINE_list("rows", [], "What to measure; all rows if not given.")
SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "A training of each row for each.")
OUTER_ITERATIONS = flags.DEFINE_integer("outer_iterations", 1500, "Of a training.")
CHOOSING = flags.DEFINE_integer(
    "choosing_episodes", 60, "On which the learning rate for scoring is chosen."
)
SCORED = flags.DEFINE_integer("scored_episodes", 400, "Whose accuracy is told.")


def main(_):
    """Trains and scores what is left of the rows, and writes the tables."""
    output, rows = pathlib.Path(OUTPUT.value), _TABLES[TABLE.value]
    asked = [
        (output / f"{name}-{seed}", rows[name], _experiment(rows[name], seed))
        for seed, name in itertools.product(
            map(int, SEEDS.value), ROW_NAMES.value or rows
        )
    ]
    left = [each for each in asked if not (each[0] / _RESULT).exists()]
    if left:
        use_devices(num_threads=1)
        experiment = left[0][2]
        splits = load_data(experiment.data, experiment.episodes.ways, print_event)
    for path, row, experiment in left:
        print(path.name, flush=True)
        run = RunDirectory.make(path)
        with run.sole_use():
            result = measure(
                row.network,
                experiment,
                splits,
                run,
                num_scored=SCORED.value,
                report=print_event,
            )
            write_json(str(path / _RESULT), result)
        write_tables(output, rows)
        keras.backend.clear_session()
    print(write_tables(output, rows))


def _experiment(row: Row, seed: int) -> ExperimentConfig:
    return experiment_of(
        row,
        seed,
        image_folder=IMAGE_FOLDER.value,
        final_outer_iterations=OUTER_ITERATIONS.value,
        num_test_episodes=CHOOSING.value,
    )


def write_tables(output: pathlib.Path, rows: Mapping[str, Row]) -> str:
    """Writes table.json and table.md of all that has ended; returns the latter."""
    results: dict[str, dict[str, Any]] = {name: {} for name in rows}
    for path in output.glob(f"*/{_RESULT}"):
        name, _, seed = path.parent.name.rpartition("-")
        if name in results:
            results[name][seed] = read_json(str(path))
    table = make_table(rows, results)
    write_json(str(output / "table.json"), table)
    text = markdown(table)
    (output / "table.md").write_text(f"{text}\n")
    return text


if __name__ == "__main__":
    tensorflow_environment.set_for_our_processes()
    app.run(main)
