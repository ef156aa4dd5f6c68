"""Omniglot: 1,623 handwritten characters, each drawn by 20 people (Lake et al. 2015).

It is read from TensorFlow Datasets. The split is that of the published few-shot
protocol: all characters are shuffled, 1,200 train and 423 test, and the train
characters turned by 90, 180 and 270 degrees are classes of their own. 100 of the 1,200
may validate instead.
"""

import pathlib
import urllib.request

import numpy as np

from autometa_tf.episodes.class_splits import divide_classes
from autometa_tf.episodes.dataset import (
    ClassImages,
    ClassSplits,
    DatasetError,
    class_images_from,
)
from autometa_tf.episodes.tfds_records import read_records

OMNIGLOT_IMAGE_SIZE = 28
NUM_CHARACTERS = 1623
NUM_TEST_CHARACTERS = 423
IMAGES_PER_CHARACTER = 20

_ORIGINAL_IMAGE_SIZE = 105


def load_omniglot(
    data_dir: str = "",
    image_size: int = 0,
    num_validation_classes: int = 100,
    split_seed: int = 0,
) -> ClassSplits:
    """Reads Omniglot, which TFDS downloads when it is not in `data_dir` yet.

    Args:
      data_dir: TFDS's `data_dir`; "" is its default.
      image_size: Height and width in pixels; 0 is 28.
      num_validation_classes: How many of the 1,200 characters validate.
      split_seed: Seed of the division.

    Raises:
      DatasetError: Omniglot can neither be found nor downloaded, or is damaged.
    """
    characters = read_characters(
        _prepared_records(data_dir), image_size or OMNIGLOT_IMAGE_SIZE
    )
    return divide_characters(characters, num_validation_classes, split_seed)


def divide_characters(
    characters: ClassImages, num_validation_classes: int, split_seed: int
) -> ClassSplits:
    """Divides the characters; the train characters are also turned."""
    splits = divide_classes(
        characters, num_validation_classes, NUM_TEST_CHARACTERS, split_seed
    )
    return ClassSplits(with_rotations(splits.train), splits.validation, splits.test)


def with_rotations(classes: ClassImages) -> ClassImages:
    """The classes, then all turned anticlockwise by 90 (`123@90`), 180 and 270."""
    rotated = {}
    for quarter_turns in range(4):
        suffix = f"@{90 * quarter_turns}" if quarter_turns else ""
        for i, name in enumerate(classes.class_names):
            images = np.rot90(classes.class_images(i), quarter_turns, axes=(1, 2))
            rotated[name + suffix] = images
    return class_images_from(rotated)


def read_characters(record_paths: list[pathlib.Path], image_size: int) -> ClassImages:
    """Reads all characters from TFDS's records; a class is named by its label number.

    Images shrink to the mean of the area that a pixel covers: 105 pixels do not divide
    into 28, and an exact mean keeps the thin strokes equally dark wherever they lie.

    Raises:
      DatasetError: The records are damaged, or not 1,623 characters of 20 images.
    """
    import tensorflow as tf

    original = (_ORIGINAL_IMAGE_SIZE, _ORIGINAL_IMAGE_SIZE, 1)

    def decode(pngs):
        images = tf.map_fn(
            lambda png: tf.ensure_shape(tf.io.decode_png(png, channels=1), original),
            pngs,
            fn_output_signature=tf.uint8,
        )
        shrunk = tf.image.resize(images, (image_size, image_size), method="area")
        return tf.cast(tf.round(shrunk), tf.uint8)

    shape = (NUM_CHARACTERS * IMAGES_PER_CHARACTER, image_size, image_size, 1)
    images, labels = read_records(record_paths, shape, decode)
    order = np.argsort(labels, kind="stable")
    numbers = np.repeat(np.arange(NUM_CHARACTERS), IMAGES_PER_CHARACTER)
    if not np.array_equal(labels[order], numbers):
        raise DatasetError(
            f"Omniglot in {record_paths[0].parent} must have {IMAGES_PER_CHARACTER} "
            f"images of each of its {NUM_CHARACTERS} characters, and has not; remove "
            "that folder, and the next start prepares it again."
        )
    return ClassImages(
        images=images[order],
        offsets=np.arange(NUM_CHARACTERS + 1, dtype=np.int64) * IMAGES_PER_CHARACTER,
        class_names=tuple(str(label) for label in range(NUM_CHARACTERS)),
    )


def _prepared_records(data_dir: str) -> list[pathlib.Path]:
    """The record files of TFDS's `train` and `test` splits, downloaded if need be."""
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder("omniglot", data_dir=data_dir or None)
        if not builder.data_path.exists():
            print(f"Omniglot is not in {builder.data_path}; TFDS downloads it.")
            # TFDS itself tries for minutes before it gives up.
            urllib.request.urlopen(builder.info.homepage, timeout=20).close()
            builder.download_and_prepare()
        splits = builder.info.splits
        return [path for name in ("train", "test") for path in splits[name].filepaths]
    except Exception as error:  # The network, disk or folder may be at fault.
        raise DatasetError(
            f"Omniglot could neither be read from the TFDS data_dir {data_dir!r} nor "
            f"downloaded: {error}. `--data_dir` must be a folder with omniglot/3.0.0, "
            "which `tfds build omniglot` makes where there is a network."
        ) from error
