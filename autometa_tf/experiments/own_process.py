"""The jobs, each in a process of its own: what the public API calls.

A script or notebook may have used TensorFlow in its own way already; a job sets threads
and devices as it needs them, and gives its memory back at its end.
"""

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autometa_tf.experiments import jobs
from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.experiments.events import Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.learner_card import is_name
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import SplitAccuracy
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
    network: Network | str | os.PathLike,
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    *,
    report: Reporter = print_event,
) -> RunDirectory:
    """Meta-trains one network in full, scores it and exports it.

    The same call with the same folder goes on where an earlier one was stopped.

    Args:
      network: `Cell(genome)` or `Conv4()`; or a learner whose training goes on, on the
        experiment's classes: its name, or the folder of its run or release. Network,
        images and head are then the learner's, whatever the experiment says of them.
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
    num_test_episodes: int | None = None,
    *,
    report: Reporter = print_event,
    **protocol: Any,
) -> SplitAccuracy:
    """Scores the network that a run has trained.

    Episodes that were scored before under the same protocol are kept.

    Example:
      am.evaluate(run, 10_000, shots=5, queries_per_class=15)

    Args:
      run: The run, or its folder.
      num_test_episodes: Episodes in all, at least 2. Default: those of the run.
      report: Called with each event, which prints as a line.
      **protocol: What is not as the run has it: `final_split`, `shots`,
        `queries_per_class`, `scoring_inner_iterations`, `scoring_support_passes`,
        `scoring_inner_batch_size` or `scoring_inner_learning_rate`; and `ways`, if the
        run has a `shared_head`.

    Raises:
      ValueError: The folder holds no trained network, its data are not found, or the
        protocol does not fit it.
      RuntimeError: The job's process was killed.
    """
    if num_test_episodes is not None:
        protocol["num_test_episodes"] = num_test_episodes
    (accuracy,) = evaluate_protocols(run, [protocol], report=report)
    return accuracy


def evaluate_protocols(
    run: RunDirectory | str | os.PathLike,
    protocols: Sequence[Mapping[str, Any]],
    *,
    report: Reporter = print_event,
) -> list[SplitAccuracy]:
    """Scores the network that a run has trained under one protocol after the other.

    Example:
      am.evaluate_protocols(run, [{"shots": 1}, {"shots": 5, "queries_per_class": 15}])

    Args:
      run: The run, or its folder.
      protocols: For each what is not as the run has it: the arguments of `evaluate`.
      report: Called with each event, which prints as a line.

    Returns:
      What is reached under each protocol, in their order.

    Raises:
      ValueError: The folder holds no trained network, its data are not found, or a
        protocol does not fit it.
      RuntimeError: The job's process was killed.
    """
    protocols = [dict(each) for each in protocols]
    if not protocols:
        raise ValueError("`protocols` must hold at least one. Received: none.")
    return _call(jobs.evaluate, RunDirectory(run).path, protocols, report=report)


def release_learner(
    run: RunDirectory | str | os.PathLike,
    folder: str | os.PathLike,
    protocols: Sequence[Mapping[str, Any]] = ({},),
    *,
    adaptation: Mapping[str, Any] = MappingProxyType({}),
    report: Reporter = print_event,
) -> None:
    """Makes a small folder of what a run has trained, to give to others.

    It holds the genome, the weights and a card that says how the learner was made and
    what it reaches. `load_learner` takes the folder, and `Learner.save` makes a
    SavedModel of what that returns.

    Example:
      am.release_learner(run, "letters-1shot", [{}, {"ways": 10}])

    Args:
      run: The run, or its folder; its training has ended.
      folder: The folder to write. Its name is the learner's: small letters, digits and
        hyphens.
      protocols: Under which the card tells what it reaches, see `evaluate_protocols`.
      adaptation: How the learner adapts where not as the run was scored: values of
        `scoring_inner_iterations`, `scoring_support_passes`, `scoring_inner_batch_size`
        and `scoring_inner_learning_rate`. Validation classes should have chosen them.
      report: Called with each event, which prints as a line.

    Raises:
      ValueError: The folder of the run holds no trained network, its data are not
        found, a protocol does not fit it, or the name will not do.
      RuntimeError: The job's process was killed.
    """
    folder = os.path.abspath(folder)
    if not is_name(os.path.basename(folder)):
        raise ValueError(
            "`folder` must be named with small letters, digits and hyphens. "
            f"Received: {folder!r}."
        )
    protocols = [dict(each) for each in protocols]
    path, adaptation = RunDirectory(run).path, dict(adaptation)
    _call(jobs.release, path, folder, protocols, adaptation, report=report)


def _call(job: Any, *arguments: Any, report: Reporter) -> Any:
    return call_in_child(job, *arguments, report=report, grace_seconds=_GRACE_SECONDS)
