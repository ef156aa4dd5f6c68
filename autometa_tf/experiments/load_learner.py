"""Finds a learner by where its run lies, where its SavedModel lies, or by its name."""

import os
import pathlib
from typing import Protocol

from autometa_tf.experiments.learner_card import is_name
from autometa_tf.experiments.learner_folder import (
    TrainedLearner,
    is_learner_folder,
    read_learner,
)
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.exports.learner import Learner, load_saved_learner

# Folders named like learners, each as `release_learner` makes them.
_RELEASED = pathlib.Path(__file__).parents[1] / "released"


class HasPath(Protocol):
    """Whatever knows its folder, such as a run directory."""

    @property
    def path(self) -> str | os.PathLike[str]: ...


def load_learner(where: str | os.PathLike[str] | HasPath) -> Learner:
    """Loads a learner that was trained in full, to fit classes and predict with.

    Args:
      where: The directory of a `search` or `train` run that has ended, the folder of a
        SavedModel or one that `release_learner` has made, or the name of a learner that
        comes with the library. A folder that is there goes before a name.

    Raises:
      ValueError: There is no learner, or one that was exported before there were the
        signatures this needs, or the run has not come to its SavedModel yet, or files
        of the folder are damaged.
    """
    path = _path_of(where)
    if folder := _saved_model(path):
        return load_saved_learner(folder)
    folder = _learner_folder(path)
    return read_learner(folder).learner(folder.name)


def load_trained(where: str | os.PathLike[str] | HasPath) -> TrainedLearner | None:
    """The values of a learner, of which all its forms are made.

    Args:
      where: As of `load_learner`.

    Returns:
      The learner; None for a SavedModel alone, which has its graph in place of the
      network that the graph was made of.

    Raises:
      ValueError: As of `load_learner`.
    """
    path = _path_of(where)
    run = RunDirectory(path)
    if is_learner_folder(run.learner_path):
        return read_learner(run.learner_path)
    if _saved_model(path) and not is_learner_folder(path):
        return None
    return read_learner(_learner_folder(path))


def _learner_folder(path: pathlib.Path) -> pathlib.Path:
    """The folder with weights.npz and card.json in it that a path or name means."""
    if is_learner_folder(path):
        return path
    if str(path) in _released_names():
        return _RELEASED / path
    if os.path.isfile(RunDirectory(path).config_path):
        raise ValueError(
            "A learner must be the directory of a run that has ended. Received: "
            f"{str(path)!r}, whose training has not ended. Start its command again to "
            "go on."
        )
    released = ", ".join(_released_names()) or "none yet"
    what_is_there = "a folder without them" if path.is_dir() else "no such folder"
    if path.is_file():
        what_is_there = "a file"
    raise ValueError(
        "A learner must be a folder with saved_model.pb, saved_model/1/saved_model.pb or "
        f"weights.npz in it, or the name of a released learner ({released}). "
        f"Received: {str(path)!r}, {what_is_there}."
    )


def _path_of(where: str | os.PathLike[str] | HasPath) -> pathlib.Path:
    if not isinstance(where, str | os.PathLike):
        where = getattr(where, "path", where)
    if not isinstance(where, str | os.PathLike):
        raise ValueError(
            "A learner must be a path, a name, or an object with a `path`. "
            f"Received: {where!r:.200}."
        )
    return pathlib.Path(os.fsdecode(where))


def _saved_model(folder: pathlib.Path) -> pathlib.Path | None:
    """The SavedModel that is this folder, or is a run's that lies in it."""
    for candidate in (folder, pathlib.Path(RunDirectory(folder).saved_model_path)):
        if (candidate / "saved_model.pb").is_file():
            return candidate
    return None


def _released_names() -> list[str]:
    folders = sorted(_RELEASED.iterdir()) if _RELEASED.is_dir() else []
    return [
        folder.name
        for folder in folders
        if is_name(folder.name) and is_learner_folder(folder)
    ]
