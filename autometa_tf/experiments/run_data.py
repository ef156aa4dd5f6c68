"""The data of a run: loaded, told of, and known again wherever they lie.

A run's config.json has the fingerprint of its data under "data", and where they were
when a command last used them under "dataset"; splits.json has the class names.
"""

import dataclasses
import os
from collections.abc import Callable

from autometa_tf.episodes.dataset import ClassSplits, DatasetConfig
from autometa_tf.episodes.fingerprint import (
    Fingerprint,
    data_differences,
    fingerprint,
)
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments import run_directory

# Where data lie; the fingerprint says what they are.
PLACES = ("data_dir", "manual_dir", "image_folder")

# What each dataset cannot be read without, once it is prepared.
_PLACE_OF = {
    "image_folder": "image_folder",
    "mini_imagenet": "data_dir",
    "omniglot": "data_dir",
}

# Of the configuration, what going on may change: none of it changes an answer. The
# fingerprint is compared by `check_data`, which says more.
MAY_DIFFER = ("begun_with", "data", *(f"dataset.{place}" for place in PLACES))


def load_data(
    dataset: DatasetConfig, ways: int, tell: Callable[[str], None]
) -> ClassSplits:
    """Loads a dataset and tells what of it was left out or decided, line by line."""
    splits = load_dataset(dataset, ways)
    for note in splits.notes:
        tell(note)
    return splits


def data_of(splits: ClassSplits) -> dict:
    """The fingerprint of data, as config.json has it under "data"."""
    return dataclasses.asdict(fingerprint(splits))


def check_data(directory: str, splits: ClassSplits, data: dict | None = None) -> None:
    """Sees that data are those a run was begun with.

    Args:
      directory: The run directory, with its configuration.
      splits: The data.
      data: Their `data_of`, where it is known already.

    Raises:
      ValueError: says what differs.
    """
    config = run_directory.read_json(directory, run_directory.CONFIG)
    if "data" not in config:  # Runs had no fingerprints once.
        return
    then = run_directory.from_json(Fingerprint, config["data"], "data")
    now = run_directory.from_json(Fingerprint, data or data_of(splits), "data")
    names_then = run_directory.read_json(directory, run_directory.SPLITS) or {}
    names_now = run_directory.split_names(splits)
    if differences := data_differences(then, now, names_then, names_now):
        raise ValueError(
            "A run must go on with the data it was begun with. Received for "
            f"{directory!r} others: {'; '.join(differences)}. Give it its own data, or "
            "begin another run with another --run_dir."
        )


def keep_data(
    directory: str, dataset: DatasetConfig, splits: ClassSplits, data: dict
) -> None:
    """Keeps what a run's data are and where they lie now, once they are its own.

    Args:
      directory: The run directory, with its configuration.
      dataset: Where the data lie.
      splits: The data.
      data: Their `data_of`.

    Raises:
      ValueError: they are not the run's data; says what differs.
    """
    check_data(directory, splits, data)
    names = run_directory.split_names(splits)
    run_directory.write_json(directory, run_directory.SPLITS, names)
    config = run_directory.read_json(directory, run_directory.CONFIG)
    places = {place: getattr(dataset, place) for place in PLACES}
    kept = config | {"data": data, "dataset": config["dataset"] | places}
    if kept != config:
        run_directory.write_json(directory, run_directory.CONFIG, kept)


def find_data(dataset: DatasetConfig, places: dict[str, str]) -> DatasetConfig:
    """A run's dataset, where it lies now.

    Args:
      dataset: As the run has it.
      places: Where the user says that it lies, by the names of `PLACES`; "" where he
        does not say.

    Raises:
      ValueError: it is not where it was, and nobody says where it is.
    """
    given = {place: path for place, path in places.items() if path}
    place = _PLACE_OF.get(dataset.dataset, "")
    path = getattr(dataset, place, "")
    if path and not given and not os.path.isdir(path):
        raise ValueError(
            f"`{place}` must be the folder of the run's data. Received: {path!r}, "
            "where they were, which is no folder now. Say where they lie with "
            f"--{place}."
        )
    return dataclasses.replace(dataset, **given)
