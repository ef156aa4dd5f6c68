"""The JSON files of a run directory."""

import calendar
import contextlib
import dataclasses
import json
import os
import tempfile
import time
import types
import typing

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassSplits, DatasetConfig
from autometa_tf.experiments.command import begun_command
from autometa_tf.genomes.genome import Genome, read_genome
from autometa_tf.search.config_differences import (
    config_differences,
    differences_text,
)
from autometa_tf.workers.versions import software_versions

CONFIG, GENOME, SPLITS, SUMMARY = (
    "config.json",
    "genome.json",
    "splits.json",
    "summary.json",
)

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# This process's begin, by the clock that people set and by the one that nobody can.
_STARTED, _STARTED_MONOTONIC = time.time(), time.monotonic()


def make_run_directory(path: str) -> None:
    """Makes the folder and sees that it can be written.

    Raises:
      ValueError: it cannot.
    """
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ValueError(
            "`run_dir` must be a folder that can be written. "
            f"Received: {path!r} ({error.strerror})."
        ) from error


def write_json(directory: str, name: str, content) -> None:
    """Writes a file whole or not at all."""
    path = os.path.join(directory, name)
    text = json.dumps(content, indent=1)
    try:
        with open(f"{path}.new", "w") as file:
            file.write(f"{text}\n")
        os.replace(f"{path}.new", path)
    except OSError:  # The disk may be full.
        with contextlib.suppress(OSError):
            os.unlink(f"{path}.new")
        raise


def read_json(directory: str, name: str):
    """A file's content, or None when there is none.

    Raises:
      ValueError: it is not JSON.
    """
    path = os.path.join(directory, name)
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"{path!r} must be JSON. Received: {error}. Mend it, or give another "
            "--run_dir."
        ) from error


def keep_config(directory: str, config: dict, may_differ) -> None:
    """Writes a run's configuration, or sees that it is the one that is kept.

    Args:
      directory: The run directory.
      config: The configuration, as JSON has it but for tuples.
      may_differ: Fields that may differ, as in `open_store`.

    Raises:
      ValueError: names the fields that differ.
    """
    config = json.loads(json.dumps(config))
    stored = read_json(directory, CONFIG)
    if stored is None:
        write_json(directory, CONFIG, config)
    elif not isinstance(stored, dict):
        raise ValueError(
            f"{CONFIG} must be a configuration. Received: {stored!r:.80}. Mend it, or "
            "give another --run_dir."
        )
    elif differences := config_differences(stored, config, may_differ):
        raise ValueError(
            "A run must go on with the configuration it was begun with. Received: "
            f"{differences_text(differences)}. Give the flags it was begun with "
            f"({CONFIG} has its command), or another --run_dir."
        )


def read_config(directory: str, *parts: str) -> tuple:
    """Parts of a run's configuration: "dataset", "final" and, of a search, "candidate".

    Raises:
      ValueError: the folder holds no run's configuration with these parts.
    """
    stored = read_json(directory, CONFIG)
    if not isinstance(stored, dict) or not set(parts) <= set(stored):
        raise ValueError(
            f"`run_dir` must be the folder of a run, whose {CONFIG} has "
            f"{' and '.join(parts)}. Received: {directory!r}."
        )
    return tuple(
        from_json(DatasetConfig if part == "dataset" else CandidateConfig, stored[part])
        for part in parts
    )


def read_run_genome(directory: str) -> Genome | None:
    """The genome a run has trained in full, None for the conv4 baseline.

    Raises:
      ValueError: there is none yet, or none that can be read.
    """
    if read_json(directory, CONFIG).get("genome") == "conv4":
        return None
    path = os.path.join(directory, GENOME)
    if not os.path.exists(path):
        raise ValueError(
            f"`run_dir` must be the folder of a run that has come to its {GENOME}. "
            f"Received: {directory!r}, whose search has not ended. Start its command "
            "again to go on."
        )
    return read_genome(path)


def from_json(kind, content, name: str = "content"):
    """Makes a value of a type of what JSON has of it, dataclasses as `asdict` has them.

    Raises:
      ValueError: fields are missing, unknown, of another type or out of range.
    """
    if dataclasses.is_dataclass(kind):
        fields = {field.name for field in dataclasses.fields(kind)}
        if not isinstance(content, dict) or set(content) != fields:
            raise ValueError(
                f"{kind.__name__} must have the fields {', '.join(sorted(fields))}. "
                f"Received: {content!r:.200}."
            )
        kinds = typing.get_type_hints(kind)
        return kind(
            **{name: from_json(kinds[name], content[name], name) for name in fields}
        )
    if typing.get_origin(kind) is tuple:
        kinds = typing.get_args(kind)
        if isinstance(content, list) and len(content) == len(kinds):
            return tuple(map(from_json, kinds, content, [name] * len(kinds)))
    elif typing.get_origin(kind) is types.UnionType:  # Of a simple type and None.
        if content is None or type(content) in typing.get_args(kind):
            return content
    elif type(content) is kind or (kind is float and type(content) is int):
        return content
    kind = getattr(kind, "__name__", kind)
    raise ValueError(f"`{name}` must be {kind}. Received: {content!r:.200}.")


def begun_with() -> dict:
    """This process's command, begin and software, for whoever repeats it."""
    packages = {
        name: version
        for name, version in software_versions().items()
        if not name.endswith(".py")
    }
    return {
        "command": begun_command(),
        "time": time.strftime(_TIME_FORMAT, time.gmtime(_STARTED)),
        "versions": packages,
    }


def wall_seconds(directory: str, summary: dict) -> float:
    """Wall seconds from a run's begin to its end, pauses included.

    A run that had ended before, with this very summary, has not gone on since. Clocks
    that were set while this process ran do not matter, nor does when files were copied.

    Args:
      directory: The run directory, with its configuration.
      summary: What `summary.json` is to say besides.
    """
    kept = read_json(directory, SUMMARY)
    if isinstance(kept, dict):
        seconds = kept.pop("wall_seconds", None)
        if kept == summary and isinstance(seconds, int | float):
            return seconds
    this_process = time.monotonic() - _STARTED_MONOTONIC
    return max(0.0, _STARTED - _time_begun(directory)) + this_process


def _time_begun(directory: str) -> float:
    """When a run was begun, in seconds since the epoch."""
    begun = (read_json(directory, CONFIG) or {}).get("begun_with")
    try:
        return calendar.timegm(time.strptime(begun["time"], _TIME_FORMAT))
    except (TypeError, KeyError, ValueError):  # Runs did not keep it once.
        return os.stat(os.path.join(directory, CONFIG)).st_mtime


def split_names(splits: ClassSplits) -> dict[str, list[str]]:
    """The class names of each split."""
    return {
        name: list(getattr(splits, name).class_names)
        for name in ("train", "validation", "test")
    }


def summary_of(genome, result) -> dict:
    """What `summary.json` says of a `FullTrainingResult`; accuracies in [0, 1]."""
    return {
        "genome": genome,
        "num_parameters": result.num_parameters,
        "test_accuracy": {
            "transductive": dataclasses.asdict(result.transductive),
            "non_transductive": dataclasses.asdict(result.non_transductive),
        },
    }
