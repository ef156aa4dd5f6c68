"""The jobs, each in a process of its own: what the public API calls.

A script or notebook may have used TensorFlow in its own way already; a job sets threads
and devices as it needs them, and gives its memory back at its end.
"""

import os
from typing import Any

from autometa_tf.experiments import jobs
from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import TestAccuracy
from autometa_tf.networks.network_kinds import Network
from autometa_tf.workers.workers_config import WorkersConfig

# Ray's processes need a second or two to end.
_GRACE_SECONDS = 8.0


def print_event(event: Any) -> None:
    """Prints what an event says of itself."""
    print(event, flush=True)


def search_cell(
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    workers: WorkersConfig | None = None,
    *,
    report: Reporter = print_event,
) -> RunDirectory:
    """Searches a cell, trains the best in full, scores it and exports it.

    The same call with the same folder goes on where an earlier one was stopped,
    whatever stopped it.

    Example:
      config = am.ExperimentConfig.from_preset("quick", dataset="glyphs")
      run = am.search_cell(config, "runs/glyphs")
      print(run.network, run.summary.test_accuracy.transductive)

    Args:
      experiment: All that the result depends on.
      run_dir: The run's folder, made where there is none.
      workers: Where candidates are evaluated. Default: on all cores of this machine.
      report: Called with each event, which prints as a line.

    Returns:
      The run, which has ended.

    Raises:
      ValueError: The folder holds another run, the data do not fit the experiment, or
        a value is out of range.
      RuntimeError: The search cannot go on, or its process was killed.
    """
    run = RunDirectory(run_dir)
    _call(jobs.search, experiment, run.path, workers, report=report)
    return run


def train(
    network: Network,
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    *,
    report: Reporter = print_event,
) -> RunDirectory:
    """Meta-trains one network in full, scores it and exports it.

    The same call with the same folder goes on where an earlier one was stopped.

    Args:
      network: `Cell(genome)` or `Conv4()`.
      experiment: All that the result depends on besides.
      run_dir: The run's folder, made where there is none.
      report: Called with each event, which prints as a line.

    Returns:
      The run, which has ended.

    Raises:
      ValueError: The folder holds another run, the data do not fit the experiment, or
        a value is out of range.
      RuntimeError: The job's process was killed.
    """
    run = RunDirectory(run_dir)
    _call(jobs.train, network, experiment, run.path, report=report)
    return run


def evaluate(
    run: RunDirectory | str | os.PathLike,
    num_test_episodes: int,
    *,
    report: Reporter = print_event,
) -> TestAccuracy:
    """Scores the network that a run has trained, on so many test episodes in all.

    Args:
      run: The run, or its folder.
      num_test_episodes: At least 2. Episodes that were scored before are kept.
      report: Called with each event, which prints as a line.

    Raises:
      ValueError: The folder holds no trained network, or its data are not found.
      RuntimeError: The job's process was killed.
    """
    path = RunDirectory(run).path
    return _call(jobs.evaluate, path, num_test_episodes, report=report)


def _call(job: Any, *arguments: Any, report: Reporter) -> Any:
    return call_in_child(job, *arguments, report=report, grace_seconds=_GRACE_SECONDS)
