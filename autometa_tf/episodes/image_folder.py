"""The user's own images: a folder per class, or splits of such folders.

`root/<class>/*`, divided into splits here, or `root/<split>/<class>/*` with the splits
train, val (or validation) and test. An image is a file whose name ends like one; other
files, and everything hidden (`.name`), are left alone. Links are followed.
"""

import pathlib

import numpy as np

from autometa_tf.episodes.class_splits import divide_classes, held_out_classes
from autometa_tf.episodes.dataset import ClassImages, ClassSplits, DatasetError
from autometa_tf.episodes.decode_images import (
    IMAGE_SUFFIXES,
    bad_files_error,
    decode_images,
)

IMAGE_FOLDER_IMAGE_SIZE = 84

_SPLIT_NAMES = (("train",), ("val", "validation"), ("test",))


def load_image_folder(
    root: str, image_size: int = 0, ways: int = 1, split_seed: int = 0
) -> ClassSplits:
    """Reads all images of a folder, as red, green and blue squares.

    Args:
        root: the folder.
        image_size: height and width that all are resized to in pixels; 0 is 84.
        ways: how many classes each split must have at least.
        split_seed: seed of the division, where the folder has no splits.

    Raises:
        DatasetError: there are too few classes, a class without images, or damaged
            images, which are all named.
    """
    folder = pathlib.Path(root)
    size = image_size or IMAGE_FOLDER_IMAGE_SIZE
    folders = {path.name: path for path in _visible(folder) if path.is_dir()}
    splits = _split_folders(root, folders)
    if splits:
        read = [_read_classes(folder, _class_folders(path), size) for path in splits]
        for path, classes in zip(splits, read, strict=True):
            if classes.num_classes < ways:
                raise DatasetError(
                    f"{str(path)!r} must have at least {ways} classes, the `ways` of "
                    f"an episode. Received: {classes.num_classes}."
                )
        return ClassSplits(*read)
    if len(folders) < 3 * ways:
        raise DatasetError(
            f"{root!r} must have a folder of images for each of at least {3 * ways} "
            f"classes, {ways} for each of train, validation and test, as the `ways` of "
            f"an episode ask. Received: {len(folders)}."
        )
    classes = _read_classes(folder, list(folders.values()), size)
    return divide_classes(classes, *held_out_classes(len(folders), ways), split_seed)


def _split_folders(
    root: str, folders: dict[str, pathlib.Path]
) -> list[pathlib.Path] | None:
    """The folders of train, validation and test, if `root` is divided so."""
    found = [[n for n in names if n in folders] for names in _SPLIT_NAMES]
    if not all(found):
        return None
    if len(folders) != len(_SPLIT_NAMES):
        raise DatasetError(
            f"{root!r} must have either folders train, val (or validation) and test, "
            f"or one folder for each class. Received: {', '.join(folders):.200}."
        )
    return [folders[name] for (name,) in found]


def _class_folders(split: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in _visible(split) if path.is_dir()]


def _visible(folder: pathlib.Path) -> list[pathlib.Path]:
    """What a folder holds, sorted, without what is hidden."""
    try:
        return sorted(path for path in folder.iterdir() if path.name[0] != ".")
    except OSError as error:
        raise DatasetError(
            f"{str(folder)!r} must be a folder that can be read. "
            f"Received: {error.strerror}."
        ) from error


def _read_classes(
    root: pathlib.Path, class_folders: list[pathlib.Path], image_size: int
) -> ClassImages:
    """Reads one class from each folder; messages name files relative to `root`."""
    paths = []
    offsets = [0]
    for folder in class_folders:
        paths += [p for p in _visible(folder) if p.suffix.lower() in IMAGE_SUFFIXES]
        if len(paths) == offsets[-1]:
            raise DatasetError(
                f"{str(folder)!r} must be a folder with the images of a class "
                f"({', '.join(sorted(IMAGE_SUFFIXES))}). Received: none."
            )
        offsets.append(len(paths))
    images = np.empty((len(paths), image_size, image_size, 3), np.uint8)
    bad_files = []
    files = ((i, path) for i, path in enumerate(paths))
    for i, result in decode_images(files, image_size):
        if isinstance(result, DatasetError):
            bad_files.append(f"{paths[i].relative_to(root)} ({result})")
        else:
            images[i] = result
    if bad_files:
        raise bad_files_error(bad_files)
    return ClassImages(
        images=images,
        offsets=np.array(offsets, np.int64),
        class_names=tuple(folder.name for folder in class_folders),
    )
