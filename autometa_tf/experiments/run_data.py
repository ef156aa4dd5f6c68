"""Loads the data of a run, tells of them, and knows them again wherever they lie.

A run's configuration has the fingerprint of its data, and where they were when a
program last used them; splits.json has the class names.
"""

import dataclasses
import os
from collections.abc import Mapping

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.dataset_config import TFDS_PREFIX, DatasetConfig
from autometa_tf.episodes.fingerprint import (
    Fingerprint,
    data_differences,
    fingerprint,
)
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.experiments.config_fields import from_json
from autometa_tf.experiments.events import Message, Reporter
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.networks.network_kinds import Network

SPLIT_NAMES = ("train", "validation", "test")

# Where data lie; the fingerprint says what they are.
PLACES = ("data_dir", "manual_dir", "image_folder")

# The folder that each dataset cannot be read without, once it is prepared.
_PLACE_OF = {
    "image_folder": "image_folder",
    "mini_imagenet": "data_dir",
    "omniglot": "data_dir",
    "cifar_fs": "data_dir",
}


def load_data(dataset: DatasetConfig, ways: int, report: Reporter) -> ClassSplits:
    """Loads a dataset and tells what of it was left out or decided, line by line."""
    splits = load_dataset(dataset, ways)
    for note in splits.notes:
        report(Message(note))
    report(Message(f"loaded {dataset.dataset}: {describe_splits(splits)}"))
    return splits


def describe_splits(splits: ClassSplits) -> str:
    """How many classes and images each split has."""
    return ", ".join(
        f"{getattr(splits, name).num_classes:,} {name} classes "
        f"({len(getattr(splits, name).images):,} images)"
        for name in SPLIT_NAMES
    )


def begin_run(
    run: RunDirectory,
    experiment: ExperimentConfig,
    network: Network | None,
    splits: ClassSplits,
) -> None:
    """Begins a run or goes on with it, once all that it depends on is the same.

    Args:
      run: Its folder.
      experiment: All that it depends on but the network and the data.
      network: What a training trains; None for a search.
      splits: The data.

    Raises:
      ValueError: The run was begun with something else; the message says what differs.
    """
    found = fingerprint(splits)
    run.begin(experiment, network, found)
    check_data(run, splits, found)
    run.write_class_names(_names(splits))


def check_data(
    run: RunDirectory, splits: ClassSplits, found: Fingerprint | None = None
) -> None:
    """Sees that data are those a run was begun with.

    Args:
      run: Its folder.
      splits: The data.
      found: Their fingerprint, where it is known already.

    Raises:
      ValueError: The data are others; the message says what differs.
    """
    config = run.read_config()
    then = from_json(Fingerprint, config.get("data"), "data")
    now = found or fingerprint(splits)
    if differences := data_differences(then, now, run.class_names, _names(splits)):
        raise ValueError(
            "A run must go on with the data it was begun with. Received for "
            f"{run.path!r} other data: {'; '.join(differences)}. Give it its own data, or "
            "begin another run with another --run_dir."
        )


def _names(splits: ClassSplits) -> dict[str, list[str]]:
    return {name: list(getattr(splits, name).class_names) for name in SPLIT_NAMES}


def check_episodes(
    config: CandidateConfig, splits: ClassSplits, **scoring_splits: str
) -> None:
    """Sees that the splits can supply the episodes of an experiment.

    Args:
      config: It has the ways, shots and queries.
      splits: The class splits.
      **scoring_splits: The split that each field names, `scoring_split` for candidates
        and `final_split` for what is trained in full.

    Raises:
      ValueError: A split cannot.
    """
    episodes = config.episodes
    train = splits.train
    train.check_episode(episodes.ways, episodes.train_shots, "train", "train_shots")
    check_scoring_episodes(config, splits, **scoring_splits)


def check_scoring_episodes(
    config: CandidateConfig, splits: ClassSplits, **scoring_splits: str
) -> None:
    """Sees that the splits can supply the episodes that score: see `check_episodes`."""
    for field, name in scoring_splits.items():
        classes = getattr(splits, name)
        if name == "validation" and not classes.num_classes:
            raise ValueError(
                "There are no validation classes to score with. Give "
                f"--omniglot_validation_classes=100, or --{field}=test."
            )
        classes.check_episode(
            config.episodes.ways,
            config.images_to_score,
            name,
            "shots",
            config.scoring.queries_per_class,
        )


def find_data(dataset: DatasetConfig, places: Mapping[str, str]) -> DatasetConfig:
    """A run's dataset, where it lies now.

    Args:
      dataset: The dataset as the run has it.
      places: Where the user says that it lies, by the names of `PLACES`; "" where he
        does not say.

    Raises:
      ValueError: It is not where it was, and nobody says where it is.
    """
    given = {place: path for place, path in places.items() if path}
    name = dataset.dataset
    place = "data_dir" if name.startswith(TFDS_PREFIX) else _PLACE_OF.get(name, "")
    path = getattr(dataset, place, "")
    if path and not given and not os.path.isdir(path):
        raise ValueError(
            f"`{place}` must be the folder of the run's data. Received: {path!r}, "
            "where they were, which is no folder now. Say where they lie with "
            f"--{place}."
        )
    return dataclasses.replace(dataset, **given)
