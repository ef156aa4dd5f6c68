"""The forms in which people have mini-ImageNet, and how each is read.

Ravi and Larochelle published lists of image names ("Optimization as a model for
few-shot learning", ICLR 2017). The images are ImageNet's, which nobody may pass on, so
they come in many forms: as folders or archives, in one folder beside the lists, as the
whole ImageNet archive, or as widespread pickles.
"""

import csv
import dataclasses
import pathlib
import re
from collections.abc import Callable, Iterator

import numpy as np

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import Content
from autometa_tf.episodes.image_formats import IMAGE_SUFFIXES
from autometa_tf.episodes.safe_pickle import load_safe_pickle
from autometa_tf.episodes.safe_tar import open_safe_tar

MINI_IMAGENET_IMAGE_SIZE = 84
SPLITS = ("train", "validation", "test")

_MAX_IMAGE_BYTES = 64 << 20
_MAX_LIST_BYTES = 64 << 20
# ImageNet's archive holds one archive per class, of up to 1,300 images.
_MAX_CLASS_BYTES = 4 << 30
_LISTED_NAME = re.compile(r"[\w-]+\.\w+", re.ASCII)
_RANK = re.compile(r"(\d{4})\.\w+$")
_NUMBER = re.compile(r"(\d+)\.\w+$")


@dataclasses.dataclass(frozen=True, eq=False)
class SourceImage:
    """One image as it lies in a source.

    Attributes:
      wnid: Its class, a WordNet id such as `n01532829`.
      file_name: Its name, distinct within its class.
      content: A whole image file, the path of one, or uint8 pixels `[H, W, 3]`.
    """

    wnid: str
    file_name: str
    content: Content


@dataclasses.dataclass(frozen=True)
class Layout:
    """One of the forms: what lies in the folder, and how a split is read from it.

    Attributes:
      description: What lies in the folder, in words.
      parts: The parts it consists of, each with the names that it may have.
      read: A function from the parts' paths and a split to the split's images.
      images_per_class_vary: Whether the archive decides how many images a class has,
        and not the published 600.
    """

    description: str
    parts: dict[str, tuple[str, ...]]
    read: Callable[[dict[str, pathlib.Path], str], Iterator[SourceImage]]
    images_per_class_vary: bool = False

    def find(self, folder: pathlib.Path) -> dict[str, pathlib.Path]:
        """The parts that `folder` has."""
        found = {}
        for part, names in self.parts.items():
            paths = [folder / name for name in names if (folder / name).exists()]
            if paths:
                found[part] = paths[0]
        return found


def find_layout(folder: pathlib.Path) -> tuple[Layout, dict[str, pathlib.Path]]:
    """The form in which `folder` has mini-ImageNet, and the paths of its parts.

    Raises:
      DatasetError: The folder does not exist, or holds no form completely.
    """
    wanted = "; or ".join(layout.description for layout in LAYOUTS)
    if not folder.is_dir():
        raise DatasetError(
            f"mini-ImageNet's `--manual_dir` must be a folder with {wanted}. "
            f"Received: {str(folder)!r}, which is not a folder."
        )
    candidates = [(layout, layout.find(folder)) for layout in LAYOUTS]
    # This is the form of which least is missing, the first of equals.
    layout, found = min(candidates, key=lambda c: len(c[0].parts) - len(c[1]))
    missing = [" or ".join(n) for part, n in layout.parts.items() if part not in found]
    if not missing:
        return layout, found
    if not any(found for _, found in candidates):
        raise DatasetError(
            f"mini-ImageNet's `--manual_dir` must be a folder with {wanted}. "
            f"Received: {str(folder)!r}, which has none of these."
        )
    raise DatasetError(
        f"mini-ImageNet's `--manual_dir` must be a folder with {layout.description}. "
        f"Received: {str(folder)!r}, which lacks {', '.join(missing)}."
    )


def _read_folder_or_tar(
    parts: dict[str, pathlib.Path], split: str
) -> Iterator[SourceImage]:
    """`<wnid>/*.jpg` in a folder or a tar; hidden files and other kinds are skipped."""
    root = parts[split]
    if root.is_dir():
        for path in sorted(root.glob("*/*")):
            if _is_image(path):
                yield SourceImage(path.parent.name, path.name, path)
        return
    with open(root, "rb") as file:
        tar = open_safe_tar(file, root.name, _MAX_IMAGE_BYTES)
        for member in tar.getmembers():
            path = pathlib.PurePosixPath(member.name)
            if member.isreg() and _is_image(path):
                content = tar.extractfile(member).read()
                yield SourceImage(path.parent.name, path.name, content)


def _is_image(path: pathlib.PurePath) -> bool:
    hidden = path.name.startswith(".") or path.parent.name.startswith(".")
    return path.suffix.lower() in IMAGE_SUFFIXES and not hidden


def _read_listed_files(
    parts: dict[str, pathlib.Path], split: str
) -> Iterator[SourceImage]:
    """The images that a list names, all in one folder."""
    for file_name, wnid in _read_list(parts[split]):
        yield SourceImage(wnid, file_name, parts["images"] / file_name)


def _read_listed_members(
    parts: dict[str, pathlib.Path], split: str
) -> Iterator[SourceImage]:
    """The images that a list names, out of ImageNet's archive of class archives.

    The lists number a class's images by their rank in the order of ImageNet's own
    numbers, which have gaps. Ranks that the archive does not hold are left out.
    """
    listed: dict[str, list[str]] = {}
    for file_name, wnid in _read_list(parts[split]):
        listed.setdefault(wnid, []).append(file_name)
    root = parts["images"]
    with open(root, "rb") as file:
        archive = open_safe_tar(file, root.name, _MAX_CLASS_BYTES)
        for class_member in archive.getmembers():
            wnid = pathlib.PurePosixPath(class_member.name).stem
            if class_member.isreg() and wnid in listed:
                name = f"{class_member.name} in {root.name}"
                class_file = archive.extractfile(class_member)
                tar = open_safe_tar(class_file, name, _MAX_IMAGE_BYTES)
                images = [member for member in tar.getmembers() if member.isreg()]
                images.sort(key=lambda member: _number(_NUMBER, member.name))
                for file_name in listed[wnid]:
                    rank = _number(_RANK, file_name)
                    if 1 <= rank <= len(images):
                        content = tar.extractfile(images[rank - 1]).read()
                        yield SourceImage(wnid, file_name, content)


def _number(pattern: re.Pattern, name: str) -> int:
    match = pattern.search(name)
    if not match:
        raise DatasetError(f"The image name {name!r:.80} must end in a number.")
    return int(match[1])


def _read_list(path: pathlib.Path) -> list[tuple[str, str]]:
    """File name and class of each row of a list.

    Raises:
      DatasetError: It is not such a list, or names files elsewhere.
    """
    try:
        if path.stat().st_size > _MAX_LIST_BYTES:
            raise ValueError(f"it has more than {_MAX_LIST_BYTES:,} bytes")
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file, strict=True)
        if header != ["filename", "label"]:
            raise ValueError(f"its first row is {header!r:.80}")
        for row in rows:
            if len(row) != 2 or not _LISTED_NAME.fullmatch(row[0]):
                raise ValueError(f"it has a row {row!r:.80}")
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(
            f"{path.name} is refused, because it is not a list of `filename,label` "
            f"rows: {error!s:.200}."
        ) from error
    return [(file_name, wnid) for file_name, wnid in rows]


def _read_pickle(parts: dict[str, pathlib.Path], split: str) -> Iterator[SourceImage]:
    """The pickle's `image_data`, as its `class_dict` divides them."""
    content = load_safe_pickle(parts[split])
    pixels, classes = content.get("image_data"), content.get("class_dict")
    if not isinstance(pixels, np.ndarray) or not isinstance(classes, dict):
        raise DatasetError(
            f"{parts[split].name} must hold the array `image_data` and the dict "
            f"`class_dict`. Received: {', '.join(content) or 'nothing':.200}."
        )
    if pixels.shape[1:] != (MINI_IMAGENET_IMAGE_SIZE, MINI_IMAGENET_IMAGE_SIZE, 3):
        raise DatasetError(
            f"`image_data` of {parts[split].name} must be of shape [n, 84, 84, 3]. "
            f"Received: {list(pixels.shape)}."
        )
    for wnid, indices in classes.items():
        if type(indices) is not list or any(
            type(i) is not int or not 0 <= i < len(pixels) for i in indices
        ):
            raise DatasetError(
                f"`class_dict` of {parts[split].name} must list for class {wnid!r:.80} "
                f"indices of the {len(pixels)} images."
            )
        for i in indices:
            yield SourceImage(wnid, f"image_data[{i:05}]", pixels[i])


_LISTS = {"train": ("train.csv",), "validation": ("val.csv",), "test": ("test.csv",)}
_PICKLE = "mini-imagenet-cache-{}.pkl"

LAYOUTS = (
    Layout(
        description="train, val and test as folders or tars of <wnid>/*.jpg",
        parts={
            "train": ("train", "train.tar"),
            "validation": ("val", "val.tar"),
            "test": ("test", "test.tar"),
        },
        read=_read_folder_or_tar,
    ),
    Layout(
        description="images, train.csv, val.csv and test.csv",
        parts={"images": ("images",), **_LISTS},
        read=_read_listed_files,
    ),
    Layout(
        description="ILSVRC2012_img_train.tar, train.csv, val.csv and test.csv",
        parts={"images": ("ILSVRC2012_img_train.tar",), **_LISTS},
        read=_read_listed_members,
        images_per_class_vary=True,
    ),
    Layout(
        description="mini-imagenet-cache-{train,val,test}.pkl",
        parts={
            "train": (_PICKLE.format("train"),),
            "validation": (_PICKLE.format("val"), _PICKLE.format("validation")),
            "test": (_PICKLE.format("test"),),
        },
        read=_read_pickle,
    ),
)
