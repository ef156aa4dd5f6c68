"""Any image classification dataset of TensorFlow Datasets, and CIFAR-FS.

All images of all its splits are pooled by class, and the classes divided: TFDS divides
images, and few-shot learning needs other classes to test on. Images become squares of
red, green and blue, as those of a folder do.
"""

import collections
import importlib.resources
import json
import pathlib
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autometa_tf.episodes.class_splits import divide_classes, held_out_classes
from autometa_tf.episodes.dataset import (
    ClassImages,
    ClassSplits,
    DatasetError,
    class_images_from,
)
from autometa_tf.episodes.decode_images import bad_files_error, decode_images

TFDS_IMAGE_SIZE, CIFAR_FS_IMAGE_SIZE = 84, 32
SPLITS = ("train", "validation", "test")

_MOST_FILE_BYTES = 2**20


def load_tfds(
    name: str,
    data_dir: str = "",
    image_size: int = 0,
    *,
    split_file: str = "",
    split_seed: int = 0,
    ways: int = 1,
) -> ClassSplits:
    """Reads a dataset that TFDS has prepared, or downloads.

    Args:
      name: What `tfds.builder` takes.
      data_dir: TFDS's `data_dir`; "" is its default.
      image_size: Height and width of the squares in pixels; 0 is 84.
      split_file: A JSON file with lists of class names, "train", "validation" and
        "test"; "" is a division by seed.
      split_seed: Seed of that division.
      ways: How many classes it must give each split at least.

    Raises:
      DatasetError: It can neither be found nor downloaded, is no dataset of images with
        one label each, or the split file does not fit it.
    """
    classes = _read_classes(name, data_dir, image_size or TFDS_IMAGE_SIZE)
    if split_file:
        return split_by_names(classes, read_split_file(split_file), split_file)
    if classes.num_classes < 3 * ways:
        raise DatasetError(
            f"{name} must have at least {3 * ways} classes, {ways} for each of train, "
            f"validation and test, as the `ways` of an episode ask. Received: "
            f"{classes.num_classes}. Give --ways={classes.num_classes // 3} or fewer."
        )
    held_out = held_out_classes(classes.num_classes, ways)
    return divide_classes(classes, *held_out, split_seed)


def load_cifar_fs(data_dir: str = "", image_size: int = 0) -> ClassSplits:
    """CIFAR-FS: CIFAR-100's 600 images of each of 100 classes, 64, 16 and 20.

    The split is the published one (Bertinetto et al. 2019, "Meta-learning with
    differentiable closed-form solvers"), in cifar_fs.json.
    """
    classes = _read_classes("cifar100", data_dir, image_size or CIFAR_FS_IMAGE_SIZE)
    return split_by_names(classes, cifar_fs_names(), "cifar_fs.json")


def cifar_fs_names() -> dict[str, list[str]]:
    """The class names of each split of CIFAR-FS."""
    folder = importlib.resources.files("autometa_tf.episodes")
    return json.loads(folder.joinpath("cifar_fs.json").read_text(encoding="utf-8"))


def read_split_file(path: str) -> dict[str, list[str]]:
    """The class names of each split, as a JSON file has them.

    Raises:
      DatasetError: It has something else.
    """
    what = (
        "`split_file` must be a JSON file with lists of class names, train, validation "
        "and test"
    )
    try:
        with open(path, encoding="utf-8") as file:
            content = json.loads(file.read(_MOST_FILE_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{what}. Received: {path!r} ({error}).") from error
    names = content if isinstance(content, dict) else {}
    right = set(names) == set(SPLITS) and all(
        isinstance(each, list) and all(isinstance(name, str) for name in each)
        for each in names.values()
    )
    if not right:
        raise DatasetError(f"{what}. Received: {path!r} with {str(content)[:80]!r}.")
    return names


def split_by_names(
    classes: ClassImages, names: Mapping[str, Sequence[str]], where: str
) -> ClassSplits:
    """Divides classes as lists of their names say; the rest belong to no split.

    Raises:
      DatasetError: A name is no class, or comes twice.
    """
    numbers = {name: number for number, name in enumerate(classes.class_names)}
    listed = collections.Counter(name for split in SPLITS for name in names[split])
    unknown = [name for name in listed if name not in numbers]
    twice = [name for name, count in listed.items() if count > 1]
    for wrong, why in ((unknown, "no class of the data"), (twice, "listed twice")):
        if wrong:
            raise DatasetError(
                f"{where} must name classes of the data, each once. Received: "
                f"{', '.join(wrong[:5])}: {why}."
            )
    if not names["train"]:
        raise DatasetError(f"{where} must name classes to train with. Received: none.")
    return ClassSplits(
        **{
            split: classes.select([numbers[n] for n in names[split]])
            for split in SPLITS
        }
    )


def _read_classes(name: str, data_dir: str, image_size: int) -> ClassImages:
    """All images of a dataset by class, in the order of its labels."""
    import tensorflow_datasets as tfds

    builder = _prepared(name, data_dir)
    features = builder.info.features
    images, label = _features(name, features)
    decoders = {images: tfds.decode.SkipDecoding()}
    records = tfds.as_numpy(builder.as_dataset(split="all", decoders=decoders))
    wanted = ((record[label], record[images]) for record in records)
    found: dict[int, list[np.ndarray]] = {}
    bad = []
    files = ((int(number), bytes(content)) for number, content in wanted if number >= 0)
    for number, result in decode_images(files, image_size, 8):
        if isinstance(result, DatasetError):
            bad.append(
                f"{name}, an image of {features[label].int2str(number)} ({result})"
            )
        else:
            found.setdefault(number, []).append(result)
    if bad:
        raise bad_files_error(bad)
    return class_images_from(
        {
            features[label].int2str(number): np.stack(found[number])
            for number in sorted(found)
        }
    )


def _features(name: str, features: Any) -> tuple[str, str]:
    """The names of the features that are the image and its class.

    Raises:
      DatasetError: It has no such two.
    """
    import tensorflow_datasets as tfds

    kinds = features.items() if hasattr(features, "items") else ()
    images = [k for k, kind in kinds if isinstance(kind, tfds.features.Image)]
    labels = [k for k, kind in kinds if isinstance(kind, tfds.features.ClassLabel)]
    if not images or not labels:
        raise DatasetError(
            f"`dataset` must be one of images with a class each. Received: {name}, "
            f"which has {', '.join(key for key, _ in kinds) or 'others'}."
        )
    image = "image" if "image" in images else images[0]
    return image, "label" if "label" in labels else labels[0]


def _prepared(name: str, data_dir: str) -> Any:
    """The builder of a dataset, downloaded and prepared if need be."""
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir or None)
        if not pathlib.Path(builder.data_path).exists():
            print(f"{name} is not in {builder.data_path}; TFDS downloads it.")
            _check_network(builder.info.homepage)
            builder.download_and_prepare()
        return builder
    except tfds.core.DatasetNotFoundError:
        raise DatasetError(
            "`dataset` must be tfds:<name> with the name of a dataset of TFDS, or of one "
            f"prepared in `data_dir`. Received: {name!r} and data_dir {data_dir!r}."
        ) from None
    except Exception as error:  # The name, network, disk or folder may be at fault.
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise DatasetError(
            f"The dataset {name!r} could neither be read from the TFDS data_dir "
            f"{data_dir!r} nor downloaded: {reason}. Where there is a network, `tfds "
            f"build {name}` prepares it; then give that folder as --data_dir."
        ) from error


def _check_network(homepage: str) -> None:
    """Raises OSError where there is no network: TFDS itself tries for minutes."""
    if not homepage.startswith(("http://", "https://")):
        return
    try:
        urllib.request.urlopen(homepage, timeout=20).close()
    except urllib.error.HTTPError:
        pass  # A page that has moved or wants a browser is an answer too.
