"""Reading all of mini-ImageNet and checking that it is whole."""

import collections
import dataclasses
import pathlib
import re

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.decode_images import bad_files_error, decode_images
from autometa_tf.episodes.mini_imagenet_sources import (
    MINI_IMAGENET_IMAGE_SIZE,
    SPLITS,
    SourceImage,
    find_layout,
)

CLASSES_PER_SPLIT = {"train": 64, "validation": 16, "test": 20}
IMAGES_PER_CLASS = 600

_WNID = re.compile(r"[\w-]+", re.ASCII)
_PROGRESS_EVERY = 10_000


def read_mini_imagenet(folder: pathlib.Path) -> dict[str, list[SourceImage]]:
    """Reads, decodes and checks every image of all splits.

    Args:
      folder: A folder with mini-ImageNet in one of the `LAYOUTS`.

    Returns:
      For each split its images, ordered by class and name; their `content` is uint8
      `[84, 84, 3]`.

    Raises:
      DatasetError: Something is missing or damaged; all damaged images are named.
    """
    layout, parts = find_layout(folder)
    print(f"Reading mini-ImageNet from {folder}: {layout.description}.", flush=True)
    splits: dict[str, list[SourceImage]] = {}
    bad_files = []
    num_read = 0
    for split in SPLITS:
        splits[split] = []
        sources = ((image, image.content) for image in layout.read(parts, split))
        for image, pixels in decode_images(sources, MINI_IMAGENET_IMAGE_SIZE):
            if isinstance(pixels, DatasetError):
                bad_files.append(f"{split}/{image.wnid}/{image.file_name} ({pixels})")
            else:
                splits[split].append(dataclasses.replace(image, content=pixels))
            num_read += 1
            if num_read % _PROGRESS_EVERY == 0:
                print(f"{num_read:,} images read.", flush=True)
        splits[split].sort(key=lambda image: (image.wnid, image.file_name))
    if bad_files:
        raise bad_files_error(bad_files)
    _check_classes(splits, 0 if layout.images_per_class_vary else IMAGES_PER_CLASS)
    return splits


def _check_classes(splits: dict[str, list[SourceImage]], images_per_class: int) -> None:
    """Checks numbers and names; `images_per_class` is 0 when any number will do."""
    sizes = {s: collections.Counter(i.wnid for i in splits[s]) for s in SPLITS}
    num_classes = {split: len(sizes[split]) for split in SPLITS}
    if num_classes != CLASSES_PER_SPLIT:
        raise DatasetError(
            f"mini-ImageNet must have {_counts(CLASSES_PER_SPLIT)} classes in "
            f"--manual_dir. Received: {_counts(num_classes)}."
        )
    all_sizes = [item for split in SPLITS for item in sizes[split].items()]
    faults = [
        f"{wnid!r:.80} with {size}"
        for wnid, size in all_sizes
        if not _WNID.fullmatch(wnid) or images_per_class not in (0, size)
    ]
    if faults:
        raise DatasetError(
            f"mini-ImageNet must have {IMAGES_PER_CLASS} images of each class, which a "
            f"WordNet id names, in --manual_dir. Received: {', '.join(faults)}."
        )
    names = collections.Counter(wnid for wnid, _ in all_sizes)
    names.update((i.wnid, i.file_name) for split in SPLITS for i in splits[split])
    twice = [str(name) for name, count in names.items() if count > 1]
    if twice:
        raise DatasetError(
            "mini-ImageNet must have each class in one split and each image once. "
            f"Received more than once: {', '.join(twice[:5])}."
        )


def _counts(by_split: dict[str, int]) -> str:
    return ", ".join(f"{by_split[split]} {split}" for split in SPLITS)
