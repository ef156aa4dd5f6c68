"""How many inner steps of scoring a ranking of candidates needs.

  bazel run //benchmarks:scoring_steps -- --output=$PWD/results/bank --data_dir=FOLDER

Most of what a short candidate costs is its scoring, which adapts to each episode by 50
inner steps in the paper. The first cells of the bank's tuning part are trained for few
outer iterations, and each is scored with several numbers of inner steps on the same
episodes. *Tau* is Kendall's, of the ranking by the first half of the episodes with that of
the most inner steps by the second half: so the ranking that it is held against has errors
of its own, and the row of the most inner steps tells what they allow. Seconds are those of
a candidate's scoring alone.
"""

import argparse
import dataclasses
import pathlib
import time
from collections.abc import Sequence

import keras
import numpy as np

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.learners.devices import use_devices
from autometa_tf.networks.network_kinds import Cell
from benchmarks.bank import entries
from benchmarks.markdown import markdown_table
from benchmarks.rank_intervals import kendall

_HEAD = """# How many inner steps a ranking of candidates needs

Made by `bazel run //benchmarks:scoring_steps`; its head says how. Seconds are those of
all episodes on one core, with tracing."""
STEPS = (3, 5, 10, 20, 50)


def measure(
    genome: Genome,
    config: CandidateConfig,
    splits: ClassSplits,
    outer_iterations: int,
) -> list[dict]:
    """One cell's accuracies: for each of `STEPS` those of the same episodes."""
    network = Cell(genome)
    model = make_model(network, config, parallel_episodes(config, network))
    learner = make_learner(model, config, splits.train)
    learner.run(outer_iterations)
    found = []
    for steps in STEPS:
        scoring = dataclasses.replace(config.scoring, scoring_inner_iterations=steps)
        scorer = make_scorer(
            model,
            dataclasses.replace(config, scoring=scoring),
            splits.validation,
            "validation",
        )
        began = time.monotonic()
        accuracies = scorer.accuracies(learner.state())
        found.append(
            {
                "genome": genome_to_json(genome),
                "inner_steps": steps,
                "seconds": round(time.monotonic() - began, 2),
                "transductive": accuracies[:, 0].tolist(),
            }
        )
    keras.backend.clear_session()
    return found


def report(rows: Sequence[dict]) -> str:
    """A table with a line for each number of inner steps."""
    scores = {
        steps: np.array([r["transductive"] for r in rows if r["inner_steps"] == steps])
        for steps in STEPS
    }
    half = scores[STEPS[-1]].shape[1] // 2
    judge = scores[STEPS[-1]][:, half:].mean(axis=1)
    lines = []
    for steps, each in scores.items():
        tau = kendall(each[:, :half].mean(axis=1), judge)
        seconds = [r["seconds"] for r in rows if r["inner_steps"] == steps]
        lines.append(
            [
                str(steps),
                f"{tau.value:.2f} ({tau.low:.2f} to {tau.high:.2f})",
                f"{100 * each.mean():.1f}",
                f"{np.median(seconds):.1f}",
                str(tau.num_cells),
            ]
        )
    return markdown_table(
        ["inner steps", "tau", "mean score", "seconds", "cells"], lines
    )


def main() -> None:
    """Measures what is left of the cells, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, help="the folder of the table")
    parser.add_argument("--data_dir", default="", help="where Omniglot lies")
    parser.add_argument("--num_cells", type=int, default=24)
    parser.add_argument("--outer_iterations", type=int, default=100)
    parser.add_argument("--num_episodes", type=int, default=200)
    arguments = parser.parse_args()
    use_devices(num_threads=1, gpus=False)
    experiment = ExperimentConfig.from_preset(
        "omniglot",
        dataset="omniglot",
        data_dir=arguments.data_dir,
        num_scoring_episodes=arguments.num_episodes,
    )
    path = pathlib.Path(arguments.output) / "scoring_steps.json"
    rows = read_json(str(path)) or []
    done = {row["genome"] for row in rows}
    splits = load_dataset(experiment.data, experiment.episodes.ways)
    tuning = [e for e in entries(4 * arguments.num_cells) if e.part == "tuning"]
    for entry in tuning[: arguments.num_cells]:
        if genome_to_json(entry.genome) in done:
            continue
        rows += measure(
            entry.genome, experiment.candidate, splits, arguments.outer_iterations
        )
        write_json(str(path), rows)
        print(entry.index, [np.mean(r["transductive"]) for r in rows[-5:]], flush=True)
    text = f"{_HEAD}\n\n{report(rows)}\n"
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
