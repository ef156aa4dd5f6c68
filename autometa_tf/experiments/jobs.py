"""The jobs: search a cell, train a network, score one. Without TensorFlow to import.

Each is for a process that does nothing else: it sets TensorFlow's threads and devices,
which a process can do once. `own_process` gives each a process of its own.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autometa_tf.experiments.events import Message, Reporter, report_nothing
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.protocols import (
    ADAPTATION_FIELDS,
    SAVED_MODEL_FIELDS,
    with_protocol,
)
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.networks.network_kinds import Network
from autometa_tf.tensorflow_environment import start_tensorflow
from autometa_tf.workers.ray_cluster import warm_up
from autometa_tf.workers.workers_config import WorkersConfig


def search(
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    workers: WorkersConfig | None = None,
    *,
    report: Reporter = report_nothing,
) -> RunSummary:
    """Does what `own_process.search_cell` says, and returns how it ended."""
    workers = workers or WorkersConfig()
    with _run_in(run_dir, report, shared=True) as run:
        if not workers.in_this_process:
            # They import TensorFlow while this process does.
            warm_up(workers, "autometa_tf.candidates.evaluate_genome")
        start_tensorflow()
        from autometa_tf.experiments import search_job

        return search_job.run(experiment, run, workers, report)


def train(
    network: Network | str | os.PathLike,
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    *,
    report: Reporter = report_nothing,
) -> RunSummary:
    """Does what `own_process.train` says, and returns how it ended."""
    with _run_in(run_dir, report) as run:
        start_tensorflow()
        from autometa_tf.experiments import train_job

        if isinstance(network, os.PathLike):
            network = os.fspath(network)
        return train_job.run(network, experiment, run, report)


def evaluate(
    run_dir: str | os.PathLike,
    protocols: Sequence[Mapping[str, Any]] = ({},),
    *,
    data_dir: str = "",
    manual_dir: str = "",
    image_folder: str = "",
    report: Reporter = report_nothing,
) -> list[SplitAccuracy]:
    """Does what `own_process.evaluate_protocols` says, wherever the data lie now.

    Args:
      run_dir: The run's folder.
      protocols: For each the fields that are not as the run has them, by their names.
      data_dir: Where prepared data lie now; "" is where they were.
      manual_dir: Where the files of `mini_imagenet` lie now; "" is where they were.
      image_folder: Where the images of `image_folder` lie now; "" is where they were.
      report: Called with each event; see `events`.

    Returns:
      What is reached under each protocol.

    Raises:
      ValueError: The folder holds no trained network, its data are not found, or a
        protocol does not fit it.
    """
    run = RunDirectory(run_dir)
    experiments = [with_protocol(run.experiment, each) for each in protocols]
    places = {
        "data_dir": data_dir,
        "manual_dir": manual_dir,
        "image_folder": image_folder,
    }
    with run.sole_use():
        start_tensorflow()
        from autometa_tf.experiments import evaluate_job

        return evaluate_job.score_run(run, experiments, places, report)


def release(
    run_dir: str | os.PathLike,
    folder: str | os.PathLike,
    protocols: Sequence[Mapping[str, Any]] = ({},),
    adaptation: Mapping[str, Any] = MappingProxyType({}),
    *,
    report: Reporter = report_nothing,
) -> None:
    """Does what `own_process.release_learner` says."""
    run = RunDirectory(run_dir)
    own = with_protocol(run.experiment, adaptation, ADAPTATION_FIELDS)
    experiments = [with_protocol(own, each) for each in protocols]
    with run.sole_use():
        start_tensorflow()
        from autometa_tf.experiments import release_job

        release_job.run(run, own, experiments, folder, report)


def evaluate_saved_model(
    saved_model: str | os.PathLike,
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    protocols: Sequence[Mapping[str, Any]] = ({},),
    *,
    report: Reporter = report_nothing,
) -> list[SplitAccuracy]:
    """Scores a SavedModel by its signatures, on an experiment's episodes.

    Args:
      saved_model: Its folder.
      experiment: Its `data`, `seed` and the fields of `protocols.SAVED_MODEL_FIELDS`
        matter.
      run_dir: A folder of its own, where each episode's accuracy is kept.
      protocols: For each the fields that are not as the experiment has them.
      report: Called with each event; see `events`.

    Returns:
      What is reached under each protocol.

    Raises:
      ValueError: There is no SavedModel of a learner, or the data or a protocol do not
        fit it.
    """
    scored = [with_protocol(experiment, each, SAVED_MODEL_FIELDS) for each in protocols]
    start_tensorflow()
    from autometa_tf.experiments import evaluate_job

    return evaluate_job.score_saved_model(
        os.fspath(saved_model), experiment, scored, RunDirectory(run_dir), report
    )


@contextlib.contextmanager
def _run_in(
    run_dir: str | os.PathLike, report: Reporter, *, shared: bool = False
) -> Iterator[RunDirectory]:
    """A run's folder for the body, which leaves none where it is refused at once."""
    existed = os.path.isdir(run_dir)
    run = RunDirectory.make(run_dir)
    report(Message(f"run directory {run.path}"))
    try:
        with run.sole_use(shared=shared):
            yield run
    except BaseException:
        if not existed:
            with contextlib.suppress(OSError):  # It is not empty, and stays.
                os.rmdir(run.path)
        raise
