"""Finds the images of a folder, and counts what is left out, so that people know."""

import collections
import dataclasses
import pathlib

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import in_threads, read_file
from autometa_tf.episodes.image_formats import (
    FORMATS,
    HEAD_BYTES,
    IMAGE_SUFFIXES,
    image_format,
    what_reads,
)

# What systems and programs leave in folders by themselves.
_LITTER = frozenset(
    "thumbs.db ehthumbs.db ehthumbs_vista.db desktop.ini picasa.ini __macosx @eadir "
    "$recycle.bin lost+found icon\r".split(" ")
    + ["system volume information", "thumbs.db:encryptable"]
)
# Camera raw files begin as TIFF files do, and Pillow finds a small preview in them.
_CAMERA_RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .dcr .dng .erf .iiq .kdc .mef .mos .nef .nrw .pef .raw .rw2 .sr2 "
    ".srf .srw".split()
)
_MAX_SUFFIXES_NAMED = 10
_PNG_DEPTH_BYTE = 24

_NO_IMAGES = f"no images: neither {FORMATS}; convert any that should be to JPEG or PNG"
_CAMERA_RAW = "camera raw: export them as JPEG or PNG"
FOLDERS = "not read: put their images into the class folder itself"
_UNREADABLE = "cannot be read: change their permissions"
_NO_FILES = "pipes, sockets or devices: remove them"
_LOST_LINKS = "links that lead nowhere: mend or remove them"
_NO_CLASS = "images in no class folder: move them into the folder of their class"


@dataclasses.dataclass(frozen=True, kw_only=True)
class FoundFiles:
    """What lies in the folder of a class.

    Attributes:
      images: Files whose content, or else name, is an image's, sorted.
      perhaps_deep: The images that may have more than 8 bits a channel.
      left_out: How many other files there are for each `(reason, suffix)`: why they are
        left out, and how their names end.
    """

    images: tuple[pathlib.Path, ...]
    perhaps_deep: frozenset[pathlib.Path]
    left_out: collections.Counter


def visible_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    """What a folder holds, sorted, without what is hidden and well-known litter.

    Raises:
      DatasetError: The folder cannot be read.
    """
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.name[0] != "." and path.name.lower() not in _LITTER
        )
    except OSError as error:
        raise DatasetError(
            f"{str(folder)!r} must be a folder that can be read. "
            f"Received: {error.strerror}."
        ) from error


def find_images(folder: pathlib.Path) -> FoundFiles:
    """Judges the files of a class folder by their content."""
    images, perhaps_deep, left_out = [], set(), collections.Counter()
    paths = visible_paths(folder)
    for path, (reason, is_deep) in in_threads(_judge, ((p, p) for p in paths)):
        if reason:
            left_out[reason, _suffix(path)] += 1
            continue
        images.append(path)
        if is_deep:
            perhaps_deep.add(path)
    return FoundFiles(
        images=tuple(images), perhaps_deep=frozenset(perhaps_deep), left_out=left_out
    )


def strays(folder: pathlib.Path) -> collections.Counter:
    """Images beside class folders, and links to what may have been class folders.

    They are counted as in `FoundFiles.left_out`.
    """
    files = ((path, path) for path in visible_paths(folder) if not path.is_dir())
    return collections.Counter(
        (reason or _NO_CLASS, _suffix(path))
        for path, (reason, _) in in_threads(_judge, files)
        if reason in ("", _LOST_LINKS)
    )


def left_out_line(root: str, left_out: collections.Counter) -> str:
    """A line that counts what is left out and says what to do; "" for nothing."""
    text = left_out_text(left_out)
    return f"left out of {root!r}: {text}" if text else ""


def left_out_text(left_out: collections.Counter) -> str:
    """`left_out_line` without its beginning."""
    parts = []
    for reason in dict.fromkeys(reason for reason, _ in left_out):
        counts = [(n, suffix) for (r, suffix), n in left_out.items() if r == reason]
        counts.sort(key=lambda count: (-count[0], count[1]))
        named = [f"{n} {suffix}" for n, suffix in counts[:_MAX_SUFFIXES_NAMED]]
        if more := sum(n for n, _ in counts[_MAX_SUFFIXES_NAMED:]):
            named.append(f"{more} others")
        parts.append(f"{', '.join(named)} ({reason})")
    return "; ".join(parts)


def _judge(path: pathlib.Path) -> tuple[str, bool]:
    """Why a file is left out, "" if it is not; and whether it may be of many bits.

    A file with an image's name is not left out, whatever it holds: decoding it then
    raises an error that names it.
    """
    suffix = path.suffix.lower()
    named_image = suffix in IMAGE_SUFFIXES
    try:
        head = read_file(path, HEAD_BYTES)
    except DatasetError:
        return ("" if named_image else _why_unread(path)), False
    kind = image_format(head)
    if kind is None:
        return ("" if named_image else _NO_IMAGES), False
    if kind == "TIFF" and suffix in _CAMERA_RAW_SUFFIXES:
        return _CAMERA_RAW, False
    is_png_of_16 = kind == "PNG" and head[_PNG_DEPTH_BYTE:][:1] == b"\x10"
    return what_reads(kind) or "", is_png_of_16 or kind == "TIFF"


def _why_unread(path: pathlib.Path) -> str:
    if path.is_dir():
        return FOLDERS
    if path.is_file():
        return _UNREADABLE
    return _NO_FILES if path.exists() else _LOST_LINKS


def _suffix(path: pathlib.Path) -> str:
    if path.is_dir():
        return "folders"
    return path.suffix.lower()[:20] or "without a suffix"
