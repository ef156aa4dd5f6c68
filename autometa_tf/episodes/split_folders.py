"""The folders of the train, validation and test classes, by their usual names."""

import dataclasses
import pathlib
import re
from collections.abc import Iterable

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.image_files import find_images, visible_paths

# Names are compared without case, and by their letters alone: "Meta-Train" is a train
# folder.
_NAMES = {
    "train": ("train", "training", "trn", "metatrain", "trainset", "trainingset"),
    "validation": (
        *("val", "valid", "validation", "validate", "validating", "dev"),
        *("metaval", "metavalid", "metavalidation"),
        *("valset", "validset", "validationset", "devset"),
    ),
    "test": ("test", "testing", "tst", "metatest", "testset", "testingset"),
}
_ACCEPTED = "train or training; val, valid or validation; test or testing"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SplitFolders:
    """Where the classes of each split lie; `validation` is None where there is none."""

    train: pathlib.Path
    validation: pathlib.Path | None
    test: pathlib.Path


def find_split_folders(root: str, folders: list[pathlib.Path]) -> SplitFolders | None:
    """The folders of the splits, or None if `root` is not divided into splits.

    A folder is a split's by its name and by holding folders: a class of trains may be
    called `train`.

    Args:
      root: The root folder, for messages.
      folders: The folders in it.

    Raises:
      DatasetError: A folder is missing or is too much; the message names it.
    """
    named = {path: kind for path in folders if (kind := _split_of(path.name))}
    nested = [path for path in folders if _holds_folders_only(path)]
    kinds = {named[path] for path in nested if path in named}
    if len(kinds) < 2 and not (kinds and len(nested) == len(folders)):
        _refuse_splits_without_classes(root, folders, named)
        return None
    _refuse_odd_folders(root, folders, named)
    found = {kind: path for path, kind in named.items()}
    missing = [kind for kind in ("train", "test") if kind not in found]
    if missing:
        raise DatasetError(
            f"{root!r} has the split folders {_names(folders)} and must have one for "
            f"{' and one for '.join(missing)} too, named {_ACCEPTED} (in any case). "
            "Add it, or put all class folders side by side into one folder and give "
            "that as --image_folder: --split_seed then divides them."
        )
    return SplitFolders(
        train=found["train"],
        validation=found.get("validation"),
        test=found["test"],
    )


def class_folders(folder: pathlib.Path) -> list[pathlib.Path]:
    """The folders in a folder, sorted."""
    return [path for path in visible_paths(folder) if path.is_dir()]


def nested_folder_hint(folders: list[pathlib.Path]) -> str:
    """A sentence for whoever gave the folder above the one that was meant."""
    if not folders or not all(_holds_folders_only(path) for path in folders):
        return ""
    which = "" if len(folders) == 1 else ", or another of them,"
    return (
        " It holds folders of folders, and no images: perhaps "
        f"--image_folder={folders[0]}{which} was meant."
    )


def _split_of(name: str) -> str | None:
    letters = re.sub(r"[^a-z]", "", name.lower())
    return next((kind for kind, names in _NAMES.items() if letters in names), None)


def _holds_folders_only(folder: pathlib.Path) -> bool:
    """Whether there are folders in a folder, and no images beside them."""
    return bool(class_folders(folder)) and not find_images(folder).images


def _refuse_odd_folders(
    root: str, folders: list[pathlib.Path], named: dict[pathlib.Path, str]
) -> None:
    odd = [path for path in folders if path not in named]
    if odd:
        raise DatasetError(
            f"{root!r} has split folders ({_names(named)}) and beside them "
            f"{_names(odd)}, which is neither of {_ACCEPTED} (in any case). Move or "
            "rename it; a folder whose name begins with a dot is passed over."
        )
    for kind in _NAMES:
        same = [path for path in named if named[path] == kind]
        if len(same) > 1:
            raise DatasetError(
                f"{root!r} must have one folder for {kind}. Received: {_names(same)}. "
                "Move or rename all but one; a folder whose name begins with a dot is "
                "passed over."
            )


def _refuse_splits_without_classes(
    root: str, folders: list[pathlib.Path], named: dict[pathlib.Path, str]
) -> None:
    if len(set(named.values())) > 1 and len(named) == len(folders):
        raise DatasetError(
            f"{root!r} has the split folders {_names(folders)}, which must hold a "
            "folder of images for each class, as in train/cat/1.jpg. Received: images "
            "or nothing in at least one of them, and no class folders."
        )


def _names(paths: Iterable[pathlib.Path]) -> str:
    return f"{', '.join(repr(path.name) for path in paths):.200}"
