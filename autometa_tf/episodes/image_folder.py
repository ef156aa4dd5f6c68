"""The user's own images: a folder per class, or splits of such folders.

A folder has either `root/<class>/*`, which is divided into splits here, or
`root/<split>/<class>/*` with folders for train, validation and test, under any of their
usual names. Files are judged by their content; what is no image is left out and
counted. Links are followed.
"""

import collections
import functools
import operator
import pathlib

import numpy as np

from autometa_tf.episodes.class_splits import divide_classes, held_out_classes
from autometa_tf.episodes.dataset import ClassImages, ClassSplits, DatasetError
from autometa_tf.episodes.decode_images import (
    bad_files_error,
    decode_images,
    largest_values,
)
from autometa_tf.episodes.deep_pixels import depth_of
from autometa_tf.episodes.image_files import (
    FoundFiles,
    find_images,
    left_out_line,
    left_out_text,
    strays,
)
from autometa_tf.episodes.split_folders import (
    SplitFolders,
    class_folders,
    find_split_folders,
    nested_folder_hint,
)

IMAGE_FOLDER_IMAGE_SIZE = 84

# The part of the train classes that validates where a folder has no validation classes:
# 16 of 80.
_VALIDATION_PART_OF_TRAIN = 0.2

_Found = dict[pathlib.Path, FoundFiles]


def load_image_folder(
    root: str, image_size: int = 0, ways: int = 1, split_seed: int = 0
) -> ClassSplits:
    """Reads all images of a folder, as red, green and blue squares.

    Args:
      root: The folder.
      image_size: Height and width that all are resized to in pixels; 0 is 84.
      ways: How many classes each split must have at least.
      split_seed: Seed of the division, where the folder has no splits.

    Returns:
      The splits; their `notes` say what was left out and what was decided.

    Raises:
      DatasetError: There are too few classes, a class without images, or damaged
        images, which are all named.
    """
    folder = pathlib.Path(root)
    size = image_size or IMAGE_FOLDER_IMAGE_SIZE
    if not folder.is_dir():
        raise DatasetError(
            "`image_folder` must be a folder with a folder of images for each class. "
            f"Received: {root!r}, which is no folder. Say where it lies with "
            "--image_folder."
        )
    folders = class_folders(folder)
    splits = find_split_folders(root, folders)
    if splits:
        return _load_splits(folder, splits, size, ways, split_seed)
    if len(folders) < 3 * ways:
        raise DatasetError(
            f"{root!r} must have a folder of images for each of at least {3 * ways} "
            f"classes, {ways} for each of train, validation and test, as the `ways` of "
            f"an episode ask. Received: {len(folders)}. "
            f"{_fewer_ways(len(folders) // 3)}{nested_folder_hint(folders)}"
        )
    found = _find(folders)
    depth = _common_depth(found)
    classes = _read_classes(folder, found, size, depth or 8)
    divided = divide_classes(classes, *held_out_classes(len(folders), ways), split_seed)
    return ClassSplits(
        train=divided.train,
        validation=divided.validation,
        test=divided.test,
        depth=depth or 8,
        notes=_notes(folder, found, [folder], depth),
    )


def _load_splits(
    root: pathlib.Path, splits: SplitFolders, size: int, ways: int, split_seed: int
) -> ClassSplits:
    kinds = ("train", "validation", "test")
    paths = {kind: getattr(splits, kind) for kind in kinds if getattr(splits, kind)}
    folders = {kind: class_folders(path) for kind, path in paths.items()}
    for kind, path in paths.items():
        least = 2 * ways if kind == "train" and not splits.validation else ways
        if len(folders[kind]) < least:
            why = (
                f", and as many to validate, as {str(root)!r} has no folder 'val'"
                if least > ways
                else ""
            )
            raise DatasetError(
                f"{str(path)!r} must have at least {least} classes, for the `ways` of "
                f"an episode{why}. Received: {len(folders[kind])}. "
                f"{_fewer_ways(len(folders[kind]) * ways // least)}"
            )
    found = {kind: _find(folders[kind]) for kind in paths}
    everything = functools.reduce(operator.or_, found.values())
    depth = _common_depth(everything)
    read = {kind: _read_classes(root, found[kind], size, depth or 8) for kind in paths}
    notes = _notes(root, everything, [root, *paths.values()], depth)
    if not splits.validation:
        num_train = read["train"].num_classes
        num_validation = max(ways, round(_VALIDATION_PART_OF_TRAIN * num_train))
        divided = divide_classes(read["train"], num_validation, 0, split_seed)
        read |= {"train": divided.train, "validation": divided.validation}
        notes += (
            f"{str(root)!r} has no validation folder: {num_validation} of its "
            f"{num_train} train classes validate, chosen by --split_seed; classes in a "
            "folder 'val' would validate in their place",
        )
    return ClassSplits(**read, depth=depth or 8, notes=notes)


def _fewer_ways(most: int) -> str:
    """What to do where the classes are enough for at most so many ways."""
    fewer = f"Give --ways={most} or fewer, or add" if most >= 2 else "Add"
    return f"{fewer} folders of more classes."


def _find(folders: list[pathlib.Path]) -> _Found:
    """The files of each class folder.

    Raises:
      DatasetError: A class has no images.
    """
    found = {folder: find_images(folder) for folder in folders}
    for folder, files in found.items():
        if not files.images:
            others = left_out_text(files.left_out)
            raise DatasetError(
                f"{str(folder)!r} must be a folder with the images of a class (.jpeg, "
                f".png and others). Received: none{others and f', but {others}'}. Add "
                "images, or remove the folder."
            )
    return found


def _common_depth(found: _Found) -> int | None:
    """The bits that hold the largest value of all images with more than 8.

    It is None without such images. Bad files are named when all files are decoded.
    """
    paths = [path for files in found.values() for path in files.perhaps_deep]
    results = largest_values((path, path) for path in sorted(paths))
    largest = [value for _, value in results if isinstance(value, int)]
    return depth_of(max(largest)) if largest else None


def _notes(
    root: pathlib.Path, found: _Found, above: list[pathlib.Path], depth: int | None
) -> tuple[str, ...]:
    """What a user should know of how a folder was read, a line each."""
    left_out = collections.Counter()
    for counts in (
        *(files.left_out for files in found.values()),
        *(strays(folder) for folder in above),
    ):
        left_out += counts
    notes = [left_out_line(str(root), left_out)]
    if depth:
        notes.append(
            f"images of more than 8 bits are taken as {depth} bits, which hold the "
            f"largest value of all such images of {str(root)!r}"
        )
    return tuple(note for note in notes if note)


def _read_classes(
    root: pathlib.Path, found: _Found, image_size: int, depth: int
) -> ClassImages:
    """Reads one class from each folder; messages name files relative to `root`."""
    paths = [path for files in found.values() for path in files.images]
    sizes = [len(files.images) for files in found.values()]
    images = np.empty((len(paths), image_size, image_size, 3), np.uint8)
    bad_files = []
    for i, result in decode_images(enumerate(paths), image_size, depth):
        if isinstance(result, DatasetError):
            bad_files.append(f"{paths[i].relative_to(root)} ({result})")
        else:
            images[i] = result
    if bad_files:
        raise bad_files_error(bad_files)
    return ClassImages(
        images=images,
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        class_names=tuple(folder.name for folder in found),
    )
