"""Folders of photos: which there are, of which classes, and their pixels."""

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.image_files import (
    FOLDERS,
    find_images,
    left_out_line,
    strays,
    visible_paths,
)
from autometa_tf.exports.learner_inputs import images_array
from autometa_tf.plain_text import counted


@dataclasses.dataclass(frozen=True, kw_only=True)
class Photos:
    """Photos that could be read, and what there is to say of those that could not.

    Attributes:
      paths: Their files, `n`.
      pixels: uint8 `[n, H, W, C]`.
      notes: A line for each file, or kind of files, that was left out.
    """

    paths: tuple[pathlib.Path, ...]
    pixels: np.ndarray
    notes: tuple[str, ...]


def labelled_photos(
    folder: str | os.PathLike[str], image_shape: tuple[int, int, int]
) -> tuple[Photos, np.ndarray]:
    """The photos of a folder with a folder for each class, and their labels `[n]`.

    Raises:
      ValueError: There are fewer than two classes, a class without a photo that can be
        read, or the folder cannot be read.
    """
    root, folders = pathlib.Path(folder), class_folders_of(folder)
    paths, notes = [], [left_out_line(str(root), strays(root))]
    for each in folders:
        found = find_images(each)
        paths += found.images
        notes.append(left_out_line(str(each), found.left_out))
    photos = _read(paths, image_shape, notes)
    labels = np.array([path.parent.name for path in photos.paths])
    empty = [each.name for each in folders if each.name not in set(labels.tolist())]
    if empty:
        raise ValueError(
            "`support` must have a photo that can be read in the folder of each class. "
            f"Received none: {', '.join(empty[:5])}. Add photos, or remove the folder. "
            f"{' '.join(photos.notes)}".rstrip()
        )
    return photos, labels


def class_folders_of(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """The folders of the classes.

    Raises:
      ValueError: There are fewer than two, or the folder cannot be read.
    """
    root = pathlib.Path(folder)
    what = f"{str(root)!r}, which is no folder"
    if root.is_dir():
        folders = [path for path in visible_paths(root) if path.is_dir()]
        if len(folders) >= 2:
            return folders
        what = f"{str(root)!r} with {counted(len(folders), 'folder')}"
        for path in folders:
            if any(below.is_dir() for below in visible_paths(path)):
                what += f"; perhaps {str(path)!r} is meant"
    raise ValueError(
        "`support` must be a folder with a folder for each class, two or more, and "
        f"the photos of the class in it. Received: {what}."
    )


def check_places(places: Sequence[str | os.PathLike[str]]) -> None:
    """Sees that files and folders of photos are there.

    Raises:
      ValueError: One is not.
    """
    for place in places:
        if not os.path.exists(place):
            raise ValueError(
                "`images` must be files and folders that are there. "
                f"Received: {os.fspath(place)!r}."
            )


def photos_of(
    places: Sequence[str | os.PathLike[str]], image_shape: tuple[int, int, int]
) -> Photos:
    """The photos of files and folders, those in folders of a folder too.

    Raises:
      ValueError: A place is not there, or there is no photo that can be read.
    """
    check_places(places)
    paths, notes = [], []
    for place in map(pathlib.Path, places):
        if place.is_dir():
            for folder in [place, *_folders_below(place)]:
                found = find_images(folder)
                paths += found.images
                notes.append(left_out_line(str(folder), _but_folders(found.left_out)))
        else:
            paths.append(place)
    photos = _read(list(dict.fromkeys(paths)), image_shape, notes)
    if not photos.paths:
        raise ValueError(
            "`images` must have a photo that can be read. Received: "
            f"{', '.join(map(str, places))}. {' '.join(photos.notes)}".rstrip()
        )
    return photos


def _folders_below(folder: pathlib.Path) -> list[pathlib.Path]:
    found = []
    for path in visible_paths(folder):
        if path.is_dir() and not path.is_symlink():
            found += [path, *_folders_below(path)]
    return found


def _but_folders(left_out: dict) -> dict:
    """Folders are not left out: they are read as well."""
    return {key: count for key, count in left_out.items() if key[0] != FOLDERS}


def _read(
    paths: Iterable[pathlib.Path],
    image_shape: tuple[int, int, int],
    notes: Iterable[str],
) -> Photos:
    """Decodes what can be decoded, and says of the rest why not."""
    read, pixels, notes = [], [], [note for note in notes if note]
    for path in paths:
        try:
            pixels.append(images_array([path], image_shape)[0])
            read.append(path)
        except DatasetError as error:
            notes.append(f"left out: {error}")
    array = np.stack(pixels) if pixels else np.zeros((0, *image_shape), np.uint8)
    return Photos(paths=tuple(read), pixels=array, notes=tuple(notes))
