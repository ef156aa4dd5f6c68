"""One row of the recipe's table with one seed: trained and scored in a run directory."""

import dataclasses
import itertools
import os
import pathlib
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.experiments import run_data
from autometa_tf.experiments.events import Reporter, report_nothing
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.full_training import score_trained, train_in_full
from autometa_tf.experiments.protocols import with_protocol
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.networks.network_kinds import Network
from benchmarks.recipe_rows import (
    TEST_BATCH_SIZES,
    TEST_LEARNING_RATES,
    test_protocol,
)

# A learner under one protocol: the number of shots, and the learning rate.
_Protocol = tuple[int, float]
# The first episodes of a learner under such protocols, `[episodes, 2]` each.
_Score = Callable[[Sequence[_Protocol], int], list[np.ndarray]]


def measure(
    network: Network,
    experiment: ExperimentConfig,
    splits: ClassSplits,
    run: RunDirectory,
    *,
    num_scored: int,
    report: Reporter = report_nothing,
) -> dict[str, Any]:
    """Trains and scores a row, or goes on with that.

    The first `num_test_episodes` of the experiment choose a learning rate for each
    number of shots, by transductive accuracy; those after them are scored with it.

    Args:
      network: What is trained.
      experiment: The row's, with its seed.
      splits: The images.
      run: The run's folder, in sole use.
      num_scored: The number of episodes after those that choose.
      report: Called with each event.

    Returns:
      What the tables need, as JSON has it: the configuration, what computed it, and for
      each number of shots the learning rate and the accuracies `[num_scored, 2]`.
    """
    sitting = describe_sitting(experiment.final, network)
    run_data.begin_run(run, experiment, network, splits)
    run.write_genome(network)
    run.add_sitting("final", sitting)
    clocks = [time.process_time()]
    summary = train_in_full(network, experiment, splits, run, report=report)
    run.write_summary(summary)
    clocks.append(time.process_time())

    def score(protocols: Sequence[_Protocol], num_episodes: int) -> list[np.ndarray]:
        scored = [
            with_protocol(experiment, test_protocol(*each, num_episodes))
            for each in protocols
        ]
        score_trained(network, scored, splits, run, report=report)
        paths = [run.accuracies_file(experiment, each) for each in scored]
        return [read_accuracies(path, num_episodes) for path in paths]

    num_choosing = experiment.full_training.num_test_episodes
    scores = _choose_and_score(score, num_choosing, num_scored)
    clocks.append(time.process_time())
    training, scoring = np.diff(clocks).tolist()
    return {
        "commit": _commit(),
        "sitting": dataclasses.asdict(sitting),
        "num_parameters": summary.num_parameters,
        # Of the last sitting: what went on after a kill took longer.
        "cpu_seconds": {"training": training, "scoring": scoring},
        "config": _config(experiment),
        "scores": scores,
    }


def _choose_and_score(
    score: _Score, num_choosing: int, num_scored: int
) -> dict[str, Any]:
    """The learning rate for each number of shots, and what it scores on later episodes."""
    offered = list(itertools.product(TEST_BATCH_SIZES, TEST_LEARNING_RATES))
    tried = score(offered, num_choosing)
    means = {
        each: accuracies.mean(axis=0).tolist()
        for each, accuracies in zip(offered, tried, strict=True)
    }
    chosen = {
        shots: max(TEST_LEARNING_RATES, key=lambda rate: means[shots, rate][0])
        for shots in TEST_BATCH_SIZES
    }
    found = score(list(chosen.items()), num_choosing + num_scored)
    return {
        str(shots): {
            "choosing": {str(rate): means[shots, rate] for rate in TEST_LEARNING_RATES},
            "learning_rate": chosen[shots],
            "accuracies": accuracies[num_choosing:].tolist(),
        }
        for shots, accuracies in zip(chosen, found, strict=True)
    }


def read_accuracies(path: str, num_episodes: int) -> np.ndarray:
    """The first accuracies of an `AccuracyFile`, float64 `[num_episodes, 2]`.

    Raises:
      ValueError: It has not so many, or not in order.
    """
    lines = np.loadtxt(path, delimiter=",", skiprows=2, ndmin=2)[:num_episodes]
    if not np.array_equal(lines[:, 0], np.arange(num_episodes)):
        raise ValueError(
            f"{path!r} must have the episodes 0 to {num_episodes - 1}. Received: "
            f"{len(lines)} lines."
        )
    return lines[:, 1:]


def _config(experiment: ExperimentConfig) -> dict[str, Any]:
    """All fields but where data lie, which is no part of what was measured."""
    content = experiment.to_json()
    content["data"] = {
        name: value
        for name, value in content["data"].items()
        if name not in run_data.PLACES
    }
    return content


def _commit() -> str:
    """The commit that this is run from; "" where git does not know."""
    folder = os.environ.get("BUILD_WORKSPACE_DIRECTORY", pathlib.Path(__file__).parent)
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:  # There is no git.
        return ""
