"""A run's folder: every file in it, what it was begun with, and how it ended."""

import contextlib
import dataclasses
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from autometa_tf import __version__
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments.begun_with import (
    STARTED,
    begun_with,
    command_of,
    seconds_running,
    time_begun,
    versions_of,
)
from autometa_tf.experiments.earlier_trained import exchange_trained
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.going_on import gone_on_with
from autometa_tf.experiments.json_file import read_json, write_json
from autometa_tf.experiments.protocols import accuracies_file_name
from autometa_tf.experiments.run_config import read_run_config, records_in
from autometa_tf.experiments.run_summary import RunSummary
from autometa_tf.experiments.scored import with_scored
from autometa_tf.experiments.sittings import with_sitting
from autometa_tf.experiments.sole_use import sole_use
from autometa_tf.networks.network_kinds import (
    Cell,
    Network,
    network_from_json,
    network_to_json,
)
from autometa_tf.search.store import (
    STORE_FILE_NAME,
    SearchStore,
    open_store,
    open_store_to_read,
)


class RunDirectory:
    """The folder of one search or training, of which this class knows every file.

    It may be copied and moved: nothing in it is a file's time or a path within it.
    `path` is the folder, absolute.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = os.path.abspath(path)

    @classmethod
    def make(cls, path: str | os.PathLike) -> "RunDirectory":
        """Makes the folder, where there is none, and sees that it can be written.

        Raises:
          ValueError: It cannot be written.
        """
        run = cls(path)
        try:
            os.makedirs(run.path, exist_ok=True)
            tempfile.TemporaryFile(dir=run.path).close()
        except OSError as error:
            raise ValueError(
                "`run_dir` must be a folder that can be written. "
                f"Received: {run.path!r} ({error.strerror})."
            ) from error
        return run

    def __fspath__(self) -> str:
        return self.path

    # The files, each named here and nowhere else.
    config_path = property(lambda self: self._file("config.json"))
    genome_path = property(lambda self: self._file("genome.json"))
    splits_path = property(lambda self: self._file("splits.json"))
    summary_path = property(lambda self: self._file("summary.json"))
    checkpoints_path = property(lambda self: self._file("checkpoints"))
    pretraining_path = property(lambda self: self._file("pretraining"))
    start_path = property(lambda self: self._file("start"))
    learner_path = property(lambda self: self._file("learner"))
    saved_model_path = property(lambda self: self._file("saved_model", "1"))
    search_log_path = property(lambda self: self._file("tensorboard", "search"))
    candidates_log_path = property(lambda self: self._file("tensorboard", "candidates"))
    training_log_path = property(lambda self: self._file("tensorboard", "train"))
    report_path = property(lambda self: self._file("report"))
    comparison_path = property(lambda self: self._file("comparison"))

    def accuracies_file(self, own: ExperimentConfig, scored: ExperimentConfig) -> str:
        """The accuracies of a protocol, as `accuracies_file_name` names them."""
        return self._file(accuracies_file_name(own, scored))

    def _file(self, *names: str) -> str:
        return os.path.join(self.path, *names)

    def sole_use(self, *, shared: bool = False) -> contextlib.AbstractContextManager:
        """Keeps other programs out; see `sole_use`."""
        return sole_use(self.path, shared=shared)

    def open_store(self) -> SearchStore:
        """Opens the search's memory as its one driver."""
        return open_store(self.path)

    def open_store_to_read(self) -> SearchStore:
        """Opens the search's memory to look at it, also while it is at work."""
        return open_store_to_read(self.path)

    def begin(
        self, experiment: ExperimentConfig, network: Network | None, data: Any
    ) -> None:
        """Keeps what a run depends on, or sees that it was begun with the same.

        Where its data lie and what only changes rounding may differ, and how far a
        search goes: they are kept as they are now, see `gone_on_with`. A run begins
        when this is first called.

        Args:
          experiment: All that it depends on besides.
          network: What a training trains; None for a search, which finds it.
          data: The fingerprint of its data, a dataclass. `check_data` compares it.

        Raises:
          ValueError: Fields differ; the message names them.
        """
        given = {
            "experiment": experiment.to_json(),
            "network": None if network is None else network_to_json(network),
        }
        if not os.path.exists(self.config_path):
            self._check_that_nothing_was_searched()
            begun = {"data": dataclasses.asdict(data), "begun_with": begun_with()}
            more = {"version": __version__, "sittings": [], "scored": []}
            write_json(self.config_path, given | begun | more)
            return
        kept, data = (
            self.read_config(),
            json.loads(json.dumps(dataclasses.asdict(data))),
        )
        summary = read_json(self.summary_path)
        now = gone_on_with(kept, given, begun_with(), summary)
        if now == kept or kept.get("data") != data:  # `check_data` says how it differs.
            return
        write_json(self.config_path, now)
        if now.get("grown_from") != kept.get("grown_from") and summary is not None:
            os.unlink(self.summary_path)

    def _check_that_nothing_was_searched(self) -> None:
        """A search whose configuration was lost must not go on with another."""
        if not os.path.exists(self._file(STORE_FILE_NAME)):
            return
        with self.open_store_to_read() as store:
            if store.has_stages():
                raise ValueError(
                    "A search's folder must have its config.json beside its "
                    f"{STORE_FILE_NAME}. Received: {self.path!r}, without it. Give "
                    "another --run_dir."
                )

    def read_config(self) -> dict[str, Any]:
        """What config.json has.

        Raises:
          ValueError: There is no config.json, or one of an earlier version, or a
            damaged one.
        """
        return read_run_config(self.config_path)

    @property
    def experiment(self) -> ExperimentConfig:
        """All that the run depends on.

        Raises:
          ValueError: The folder holds no run, or a damaged one.
        """
        return ExperimentConfig.from_json(self.read_config()["experiment"])

    @property
    def begun_at(self) -> float:
        """When the run was begun, in seconds since the epoch; ValueError if unknown."""
        return time_begun(self.read_config().get("begun_with"))

    @property
    def command(self) -> str:
        """The command that began the run; "" where its configuration does not say."""
        return command_of(self.read_config().get("begun_with"))

    @property
    def versions(self) -> dict[str, str]:
        """Those of the software that began the run, by name."""
        return versions_of(self.read_config().get("begun_with"))

    def add_sitting(self, part: str, sitting: Sitting) -> dict[str, Any] | None:
        """Keeps what a sitting, from begin or resumption to end, computes with.

        Args:
          part: What is computed, "candidate" or "final".
          sitting: What it computes with.

        Returns:
          What the sitting before had in the fields that differ, by name; None when this
          is the first of its part.

        Raises:
          ValueError: The configuration holds no list of sittings.
        """
        config = self.read_config()
        sittings, before = with_sitting(records_in(config, "sittings"), part, sitting)
        write_json(self.config_path, config | {"sittings": sittings})
        return before

    @property
    def scored(self) -> list[dict[str, Any]]:
        """What was ever scored, on which classes and how; see `with_scored`."""
        return records_in(self.read_config(), "scored")

    def add_scored(self, part: str, split: str, config: CandidateConfig) -> None:
        """Keeps what is about to be scored, and on which classes: see `with_scored`."""
        kept = self.read_config()
        scored = with_scored(records_in(kept, "scored"), part, split, config)
        write_json(self.config_path, kept | {"scored": scored})

    @property
    def network(self) -> Network:
        """What the run trains in full.

        Raises:
          ValueError: A search has not found it yet.
        """
        content = self.read_config().get("network")
        if content is None:
            content = read_json(self.genome_path)
        if content is None:
            raise ValueError(
                "`run_dir` must be the folder of a run that has come to its "
                f"genome.json. Received: {self.path!r}, whose search has not ended. "
                "Start its command again to go on."
            )
        return network_from_json(content)

    def write_genome(self, network: Network) -> None:
        """Writes genome.json, where the network is a cell.

        What was trained of another cell, as before a search went on with more, is kept
        in a folder of its own, and what was kept of this one comes back.
        """
        if isinstance(network, Cell):
            exchange_trained(self.path, network_to_json(network))
            write_json(self.genome_path, network_to_json(network))

    @property
    def class_names(self) -> dict[str, list[str]]:
        """The class names of each split; empty before the run has come to them."""
        return read_json(self.splits_path) or {}

    def write_class_names(self, names: Mapping[str, Sequence[str]]) -> None:
        """Writes splits.json."""
        write_json(self.splits_path, {name: list(names[name]) for name in names})

    @property
    def summary(self) -> RunSummary | None:
        """How the run ended; None before it has.

        Raises:
          ValueError: The file summary.json holds no summary.
        """
        content = read_json(self.summary_path)
        return None if content is None else RunSummary.from_json(content)

    def write_summary(self, summary: RunSummary) -> RunSummary:
        """Writes summary.json, with the seconds from the run's begin, pauses included.

        A run that had ended before, with this very summary, has not gone on since.
        """
        with contextlib.suppress(ValueError):
            kept = self.summary
            if kept and dataclasses.replace(kept, wall_seconds=0.0) == summary:
                return kept
        seconds = max(0.0, STARTED - self.begun_at) + seconds_running()
        summary = dataclasses.replace(summary, wall_seconds=seconds)
        write_json(self.summary_path, summary.to_json())
        return summary


def open_run(path: str | os.PathLike) -> RunDirectory:
    """Opens the folder of a search or training, which may still be at work.

    Raises:
      ValueError: It holds no run, or one of an earlier version.
    """
    run = RunDirectory(path)
    run.read_config()
    return run
