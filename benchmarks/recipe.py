"""Measures what the options of Reptile's recipe are worth, as paired differences.

  bazel run //benchmarks:recipe -- --image_folder=FOLDER --output=FOLDER

Each row of `recipe_rows.py` is trained as `bin/train` would, once for each seed, on the
paper's cell, and scored on validation classes, 5-shot and 1-shot; no test class is looked
at. Every learner is offered the same learning rates for scoring: the first episodes choose
one for each number of shots, and the others, which no choice has seen, are its score.

`--image_folder` has mini-ImageNet's classes in folders `train`, `val` and `test`. Below
`--output` each row and seed has its run directory; what was killed goes on with the same
command, and what has ended is not done again. `table.json` and `table.md` there tell of all
rows that have ended so far. So several processes may share the rows, by `--seeds` or
`--rows`.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment

# isort: split
import dataclasses
import itertools
import os
import pathlib
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from absl import app, flags

from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments import run_data
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import score_trained, train_in_full
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.own_process import print_event
from autometa_tf.experiments.protocols import with_protocol
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.genomes.genome import read_genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.networks.network_kinds import Cell
from benchmarks.recipe_rows import (
    ROWS,
    TEST_BATCH_SIZES,
    TEST_LEARNING_RATES,
    Row,
    experiment_of,
    test_protocol,
)
from benchmarks.recipe_table import MEASURES, differences, differences_json, markdown

_ROOT = pathlib.Path(__file__).parents[1]
_CELL = _ROOT / "testdata" / "genomes" / "auto_meta_small.json"
# Where data lie is no part of what was measured.
_PLACES = ("data_dir", "manual_dir", "image_folder")

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
    left = [
        (ROWS[name], int(seed))
        for seed in SEEDS.value
        for name in ROW_NAMES.value
        if read_json(_result_path(output, name, seed)) is None
    ]
    if left:
        use_devices(num_threads=1)
        experiments = [_experiment(row, seed) for row, seed in left]
        splits = run_data.load_data(experiments[0].data, 5, print_event)
        for (row, seed), experiment in zip(left, experiments, strict=True):
            print(f"{row.name}, seed {seed}", flush=True)
            path = _result_path(output, row.name, seed)
            run = RunDirectory.make(os.path.dirname(path))
            with run.sole_use():
                write_json(path, measure(experiment, splits, run, report=print_event))
            write_tables(output)
            keras.backend.clear_session()
    print(write_tables(output))


def _experiment(row: Row, seed: int) -> ExperimentConfig:
    return experiment_of(
        row,
        seed,
        image_folder=IMAGE_FOLDER.value,
        final_outer_iterations=OUTER_ITERATIONS.value,
        num_test_episodes=CHOOSING.value,
    )


def _result_path(output: pathlib.Path, name: str, seed: int | str) -> str:
    return str(output / f"{name}-{seed}" / "row.json")


def measure(
    experiment: ExperimentConfig,
    splits: ClassSplits,
    run: RunDirectory,
    *,
    num_scored: int | None = None,
    report: Reporter,
) -> dict[str, Any]:
    """Trains and scores one row with one seed, or goes on with that.

    Args:
      experiment: The row's; its `num_test_episodes` choose a learning rate.
      splits: The images.
      run: The row's run directory.
      num_scored: Episodes beyond those; None for what the command line says.
      report: Called with each event.

    Returns:
      What the tables need: the configuration, what computed it, and for each number of
      shots the learning rate and the accuracies `[episodes, 2]` of what it scores.
    """
    network = Cell(read_genome(_CELL))
    sitting = describe_sitting(experiment.final, network)
    run_data.begin_run(run, experiment, network, splits)
    run.write_genome(network)
    run.add_sitting("final", sitting)
    clocks = [time.process_time()]
    summary = train_in_full(network, experiment, splits, run, report=report)
    run.write_summary(summary)
    clocks.append(time.process_time())
    num_choosing = experiment.full_training.num_test_episodes
    num_scored = SCORED.value if num_scored is None else num_scored

    def accuracies(rates: Sequence[tuple[int, float]], num_episodes: int) -> dict:
        scored = {
            (shots, rate): with_protocol(
                experiment, test_protocol(shots, rate, num_episodes)
            )
            for shots, rate in rates
        }
        score_trained(network, list(scored.values()), splits, run, report=report)
        return {
            key: read_accuracies(run.accuracies_file(experiment, each), num_episodes)
            for key, each in scored.items()
        }

    offered = list(itertools.product(TEST_BATCH_SIZES, TEST_LEARNING_RATES))
    choosing = accuracies(offered, num_choosing)
    means = {key: each.mean(axis=0).tolist() for key, each in choosing.items()}
    chosen = [
        max((key for key in offered if key[0] == shots), key=lambda key: means[key][0])
        for shots in TEST_BATCH_SIZES
    ]
    found = accuracies(chosen, num_choosing + num_scored)
    scores = {
        str(shots): {
            "choosing": {str(key[1]): means[key] for key in offered if key[0] == shots},
            "learning_rate": rate,
            "accuracies": found[shots, rate][num_choosing:].tolist(),
        }
        for shots, rate in chosen
    }
    clocks.append(time.process_time())
    training, scoring = np.diff(clocks).tolist()
    return {
        "commit": _commit(),
        "sitting": dataclasses.asdict(sitting),
        "num_parameters": summary.num_parameters,
        # Of the last sitting: a training that went on took longer.
        "cpu_seconds": {"training": training, "scoring": scoring},
        "config": _config(experiment),
        "scores": scores,
    }


def read_accuracies(path: str, num_episodes: int) -> np.ndarray:
    """The first accuracies of an `AccuracyFile`, float64 `[episodes, 2]`."""
    lines = np.loadtxt(path, delimiter=",", skiprows=2)[:num_episodes]
    if not np.array_equal(lines[:, 0], np.arange(num_episodes)):
        raise ValueError(f"{path!r} must have the first {num_episodes} episodes.")
    return lines[:, 1:]


def _config(experiment: ExperimentConfig) -> dict[str, Any]:
    content = experiment.to_json()
    data = content["data"]
    content["data"] = {name: data[name] for name in data if name not in _PLACES}
    return content


def _commit() -> str:
    folder = os.environ.get("BUILD_WORKSPACE_DIRECTORY", _ROOT)
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:  # There is no git.
        return ""


def write_tables(output: pathlib.Path) -> str:
    """Writes table.json and table.md of what has ended; returns the latter."""
    table = make_table(output)
    write_json(str(output / "table.json"), table)
    text = markdown(table)
    (output / "table.md").write_text(f"{text}\n")
    return text


def make_table(output: pathlib.Path) -> dict[str, Any]:
    """What table.json has: all rows, with the seeds that have ended."""
    results: dict[str, dict[str, Any]] = {}
    for name in ROWS:
        paths = sorted(output.glob(f"{name}-*/row.json"))
        seeds = [path.parent.name.rpartition("-")[2] for path in paths]
        results[name] = {
            seed: read_json(str(path)) for seed, path in zip(seeds, paths, strict=True)
        }
    by_measure = {}
    for measure_name, (shots, column) in MEASURES.items():
        pairs = {}
        for name, row in ROWS.items():
            reference = results.get(row.reference, {})
            shared = [seed for seed in results[name] if seed in reference]
            if shared:
                pairs[name] = [
                    tuple(
                        np.array(result[seed]["scores"][str(shots)]["accuracies"])[
                            :, column
                        ]
                        for result in (results[name], reference)
                    )
                    for seed in shared
                ]
        by_measure[measure_name] = differences_json(differences(pairs))
    return {
        "rows": {
            name: {
                "reference": row.reference,
                "fields": dict(row.fields),
                "seeds": {seed: _told(each) for seed, each in results[name].items()},
            }
            for name, row in ROWS.items()
        },
        "differences": by_measure,
    }


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """A result, but for each episode's accuracy; those are in the run's folder."""
    scores, rates = {}, {}
    for measure_name, (shots, column) in MEASURES.items():
        found = result["scores"][str(shots)]
        scores[measure_name] = float(np.mean(found["accuracies"], axis=0)[column])
        rates[str(shots)] = found["learning_rate"]
    choosing = {shots: each["choosing"] for shots, each in result["scores"].items()}
    return result | {
        "scores": scores,
        "learning_rates": rates,
        "choosing": choosing,
        "num_episodes": len(result["scores"]["5"]["accuracies"]),
    }


if __name__ == "__main__":
    tensorflow_environment.set_for_our_processes()
    app.run(main)
