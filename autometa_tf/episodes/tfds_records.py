"""Reading the records of a prepared TFDS dataset into memory, whole and quickly."""

import pathlib
from collections.abc import Callable

import numpy as np

from autometa_tf.episodes.dataset import DatasetError

_BATCH_SIZE = 500
_BUFFER_BYTES = 8 << 20


def read_records(
    record_paths: list[pathlib.Path], shape: tuple[int, ...], decode: Callable
) -> tuple[np.ndarray, np.ndarray]:
    """Reads the features `image` and `label` of all records, in their order.

    Whole batches are parsed at once; TFDS itself parses one record after another, which
    takes several times as long.

    Args:
      record_paths: TFRecord files.
      shape: The shape of all images, `(n, H, W, C)`.
      decode: TensorFlow code, from `[b]` stored strings to uint8 `[b, H, W, C]`.

    Returns:
      Images, uint8 `[n, H, W, C]`, and labels, int64 `[n]`.

    Raises:
      DatasetError: The records are damaged, or there are not `n` of them.
    """
    import tensorflow as tf

    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64),
    }

    def parse(records):
        parsed = tf.io.parse_example(records, features)
        return decode(parsed["image"]), parsed["label"]

    paths = [str(path) for path in record_paths]
    records = tf.data.TFRecordDataset(paths, buffer_size=_BUFFER_BYTES)
    batches = records.batch(_BATCH_SIZE).map(parse, tf.data.AUTOTUNE)
    images, labels = np.empty(shape, np.uint8), np.empty(shape[0], np.int64)
    num_read = 0
    try:
        for some_images, some_labels in batches.as_numpy_iterator():
            end = num_read + len(some_labels)
            images[num_read:end], labels[num_read:end] = some_images, some_labels
            num_read = end
        if num_read != len(images):
            raise ValueError(f"{num_read} images, which must be {len(images)}")
    except (tf.errors.OpError, ValueError) as error:
        raise DatasetError(
            f"The prepared data in {record_paths[0].parent} are damaged; remove that "
            f"folder and prepare it again. Received: {str(error).splitlines()[0]}."
        ) from error
    return images, labels
