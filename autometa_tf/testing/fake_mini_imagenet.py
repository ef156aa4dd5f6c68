"""For tests: a mini-ImageNet of a few small classes, in every form people have it."""

import contextlib
import csv
import io
import pathlib
import pickle
import tarfile
from collections.abc import Iterator
from unittest import mock

import numpy as np
from PIL import Image

from autometa_tf.episodes import read_mini_imagenet

CLASSES_PER_SPLIT = {"train": 3, "validation": 2, "test": 2}
IMAGES_PER_CLASS = 4

# Split, class and file name to JPEG.
Images = dict[str, dict[str, dict[str, bytes]]]
_STEMS = {"train": "train", "validation": "val", "test": "test"}


@contextlib.contextmanager
def expected() -> Iterator[None]:
    """Makes the checks expect the numbers of this file."""
    with (
        mock.patch.dict(read_mini_imagenet.CLASSES_PER_SPLIT, CLASSES_PER_SPLIT),
        mock.patch.object(read_mini_imagenet, "IMAGES_PER_CLASS", IMAGES_PER_CLASS),
    ):
        yield


def fake_images(image_size: int = 84) -> Images:
    """Distinct images; their names number them within their class as Ravi's do."""
    images: Images = {}
    random = np.random.RandomState(0)
    number = 0
    for split, num_classes in CLASSES_PER_SPLIT.items():
        images[split] = {}
        for _ in range(num_classes):
            number += 1
            wnid = f"n{number:08}"
            images[split][wnid] = {
                f"{wnid}{rank:08}.jpg": jpeg(random.randint(0, 256, 3), image_size)
                for rank in (1, 3, 4, 12)
            }
    return images


def jpeg(color: np.ndarray, image_size: int = 84) -> bytes:
    """A square of one colour with a diagonal."""
    pixels = np.full((image_size, image_size, 3), color, np.uint8)
    pixels[np.arange(image_size), np.arange(image_size)] = 255 - pixels[0, 0]
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG")
    return encoded.getvalue()


def write_folders(images: Images, folder: pathlib.Path) -> None:
    for split, classes in images.items():
        for wnid, files in classes.items():
            class_folder = folder / _STEMS[split] / wnid
            class_folder.mkdir(parents=True)
            for file_name, content in files.items():
                (class_folder / file_name).write_bytes(content)


def write_tars(images: Images, folder: pathlib.Path) -> None:
    for split, classes in images.items():
        members = {
            f"{wnid}/{file_name}": content
            for wnid, files in classes.items()
            for file_name, content in files.items()
        }
        (folder / f"{_STEMS[split]}.tar").write_bytes(tar_of(members))


def write_lists(images: Images, folder: pathlib.Path) -> None:
    for split, classes in images.items():
        with open(folder / f"{_STEMS[split]}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["filename", "label"])
            for wnid, files in classes.items():
                writer.writerows([file_name, wnid] for file_name in files)


def write_listed_files(images: Images, folder: pathlib.Path) -> None:
    write_lists(images, folder)
    (folder / "images").mkdir()
    for classes in images.values():
        for files in classes.values():
            for file_name, content in files.items():
                (folder / "images" / file_name).write_bytes(content)


def write_imagenet_archive(images: Images, folder: pathlib.Path) -> None:
    """ImageNet's archive: of each class 12 images, in an order unlike their numbers.

    The image of rank `r` has number `3 * r`, and is that of the list or a white one.
    """
    write_lists(images, folder)
    archive = {"n99999999.tar": tar_of({})}
    for classes in images.values():
        for wnid, files in classes.items():
            members = {
                f"{wnid}_{3 * rank}.JPEG": files.get(
                    f"{wnid}{rank:08}.jpg", jpeg(np.full(3, 255))
                )
                for rank in (10, 2, 5, 6, 7, 8, 9, 1, 11, 12, 3, 4)
            }
            archive[f"{wnid}.tar"] = tar_of(members)
    (folder / "ILSVRC2012_img_train.tar").write_bytes(tar_of(archive))


def write_pickles(images: Images, folder: pathlib.Path, protocol: int = 4) -> None:
    for split, classes in images.items():
        pixels, class_dict = [], {}
        for wnid, files in classes.items():
            class_dict[wnid] = list(range(len(pixels), len(pixels) + len(files)))
            pixels += [decoded(content) for content in files.values()]
        path = folder / f"mini-imagenet-cache-{_STEMS[split]}.pkl"
        content = {"image_data": np.stack(pixels), "class_dict": class_dict}
        path.write_bytes(pickle.dumps(content, protocol=protocol))


def decoded(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def tar_of(members: dict[str, bytes]) -> bytes:
    """A tar archive of the given files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return content.getvalue()
