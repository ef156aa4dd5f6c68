"""Does a progressive search find better cells than random choice at equal cost?

  bazel run //benchmarks:strategies -- --output=FOLDER --data_dir=FOLDER

Each strategy searches Omniglot with the same number of candidates, outer iterations,
halving and finalists, once for each seed. Seeds differ in everything: weights, episodes,
choices. What is compared is the score of the winner as a finalist, on validation classes,
which is from a training and from episodes of its own, not from those that chose it; and
the mean of all finalists. No test class is looked at.

Below `--output` each search has its run directory, which any report reads. What was killed
goes on with the same command, and what has ended is not done again. `strategies.json` and
`strategies.md` there tell of all searches that have ended so far.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment

# isort: split
import argparse
import itertools
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import write_json
from autometa_tf.experiments.own_process import search_cell
from autometa_tf.genomes.genome import genome_to_json
from autometa_tf.reports.finalists_text import ranked_finalists
from autometa_tf.reports.run_record import RunRecord, read_run
from autometa_tf.workers.workers_config import WorkersConfig
from benchmarks.markdown import markdown_table

STRATEGIES = ("pnas", "random", "evolution")
_HEAD = """# Strategies at equal cost

Made by `bazel run //benchmarks:strategies`; its head says how. Scores are transductive
accuracies in percent on validation classes; the winner's with its 95% interval over
episodes. Differences are from random search with the same seed, in points; the interval
is over seeds (Student's t)."""
# K = 25 in place of the paper's 100; the paper's network, and one shot.
_EXPERIMENT = {
    "dataset": "omniglot",
    "predictor": "features",
    "beam_size": 25,
    "outer_iterations": 100,
    "halving_rungs": 1,
    "max_parameters": 26_000,
    "ranking_inner_iterations": 5,
    "num_scoring_episodes": 200,
    "num_finalists": 3,
    "finalist_factor": 5,
    "num_finalist_episodes": 1000,
    "population_size": 25,
    # What follows the search is none of its cost, nor looked at.
    "final_outer_iterations": 1,
    "num_test_episodes": 2,
    "final_split": "validation",
}


def experiment_of(strategy: str, seed: int, **fields: Any) -> ExperimentConfig:
    """One search; fields stand above those that all have."""
    return ExperimentConfig.from_preset(
        "omniglot", **_EXPERIMENT | fields, search_strategy=strategy, seed=seed
    )


def result_of(record: RunRecord) -> dict[str, Any]:
    """What the tables need of a search that has ended."""
    finalists = ranked_finalists(record.state)
    winner = finalists[0]
    keys = record.experiment.evaluation_plan.keys
    # A rung goes on from the one before, a finalist begins anew.
    before = dict(zip(keys[1:], (key.rung for key in keys), strict=False))
    spent = sum(e.key.rung - before.get(e.key, 0) for e in record.all_evaluations)
    return {
        "strategy": record.experiment.search.search_strategy,
        "seed": record.experiment.seed,
        "genome": genome_to_json(winner.genome),
        "num_parameters": winner.num_parameters,
        "num_candidates": len(record.state.evaluations),
        "outer_iterations": spent,
        "hours": record.seconds_spent / 3600,
        "winner": winner.score,
        "winner_ci95": winner.score_ci95,
        "finalists": float(np.mean([each.score for each in finalists])),
    }


def report(results: Sequence[Mapping[str, Any]]) -> str:
    """Two tables: of all searches, and of what strategies differ by."""
    lines = [
        [
            each["strategy"],
            str(each["seed"]),
            f"{100 * each['winner']:.1f}±{100 * each['winner_ci95']:.1f}",
            f"{100 * each['finalists']:.1f}",
            f"{each['num_parameters']:,}",
            f"{each['num_candidates']:,}",
            f"{each['outer_iterations']:,}",
            f"{each['hours']:.2f}",
        ]
        for each in results
    ]
    header = ["strategy", "seed", "winner", "finalists", "weights", "candidates"]
    searches = markdown_table([*header, "outer iterations", "hours"], lines)
    differences = markdown_table(
        ["strategy", "seeds", "winner", "finalists"], _differences(results)
    )
    return f"{searches}\n\n{differences}"


def _differences(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    by_seed = {(each["strategy"], each["seed"]): each for each in results}
    lines = []
    for strategy in STRATEGIES:
        seeds = [
            s for name, s in by_seed if name == strategy and ("random", s) in by_seed
        ]
        if strategy == "random" or not seeds:
            continue
        cells = [
            difference(
                [by_seed[strategy, s][what] - by_seed["random", s][what] for s in seeds]
            )
            for what in ("winner", "finalists")
        ]
        lines.append([strategy, str(len(seeds)), *cells])
    return lines


def difference(values: Sequence[float]) -> str:
    """Their mean in points, with Student's 95% interval where there are several."""
    text = f"{100 * np.mean(values):+.1f}"
    if len(values) < 2:
        return text
    error = stats.sem(values) * stats.t.ppf(0.975, len(values) - 1)
    return f"{text}±{100 * error:.1f}"


def main() -> None:
    """Searches what is left, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, help="where runs and tables go")
    parser.add_argument("--data_dir", default="", help="where Omniglot lies")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--strategies", nargs="+", default=["pnas", "random"])
    parser.add_argument("--max_num_blocks", type=int, default=5)
    parser.add_argument("--num_workers", type=int, default=None)
    arguments = parser.parse_args()
    output, results = pathlib.Path(arguments.output), []
    for seed, strategy in itertools.product(arguments.seeds, arguments.strategies):
        experiment = experiment_of(
            strategy,
            seed,
            data_dir=arguments.data_dir,
            max_num_blocks=arguments.max_num_blocks,
        )
        run = search_cell(
            experiment,
            output / f"{strategy}-{seed}",
            WorkersConfig(num_workers=arguments.num_workers),
        )
        results.append(result_of(read_run(run.path)))
        write_json(str(output / "strategies.json"), results)
        text = f"{_HEAD}\n\n{report(results)}\n"
        (output / "strategies.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    tensorflow_environment.set_for_our_processes()
    main()
