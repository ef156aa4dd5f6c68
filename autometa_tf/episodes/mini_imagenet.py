"""mini-ImageNet: 100 classes of ImageNet with 600 images each, 84x84 (Vinyals et al.).

The split is the published one of Ravi and Larochelle: 64, 16 and 20 classes. The user's
files are checked and prepared once, by the builder of TFDS beside this; then they load
quickly.
"""

import fcntl
import pathlib
import shutil
import typing

import numpy as np

from autometa_tf.episodes.dataset import ClassImages, ClassSplits, DatasetError
from autometa_tf.episodes.mini_imagenet_sources import SPLITS, find_layout
from autometa_tf.episodes.tfds_records import read_records

if typing.TYPE_CHECKING:
    import tensorflow_datasets as tfds


def load_mini_imagenet(data_dir: str = "", manual_dir: str = "") -> ClassSplits:
    """Loads mini-ImageNet, which is prepared first when `data_dir` does not have it.

    Args:
      data_dir: TFDS's `data_dir`; "" is its default.
      manual_dir: The folder of the user's files, which is read only to prepare the
        data; "" is TFDS's default, `downloads/manual` in `data_dir`.

    Raises:
      DatasetError: Mini-ImageNet is absent, incomplete or damaged, or cannot be
        prepared in `data_dir`.
    """
    from autometa_tf.episodes.mini_imagenet_builder import MiniImagenet

    try:
        builder = MiniImagenet(data_dir=data_dir or None)
        if not builder.data_path.exists():
            _prepare(builder, manual_dir)
            builder = MiniImagenet(data_dir=data_dir or None)
    except DatasetError:
        raise
    except Exception as error:  # The disk or the folder may be at fault.
        raise DatasetError(
            f"mini-ImageNet could not be prepared in the TFDS data_dir {data_dir!r}: "
            f"{error}. `--data_dir` must be a folder that can be written, with 1.3 GB "
            "free."
        ) from error
    return ClassSplits(*(_load_split(builder, split) for split in SPLITS))


def _prepare(builder: "tfds.core.DatasetBuilder", manual_dir: str) -> None:
    """Prepares the data; of several processes one does it and the others wait.

    TFDS writes to a folder of another name until all is done. One that a killed process
    left is removed: nobody else is writing while this process has the lock.
    """
    import tensorflow_datasets as tfds

    target = pathlib.Path(builder.data_path)
    folder = pathlib.Path(manual_dir or target.parents[1] / "downloads/manual")
    find_layout(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "prepare.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in target.parent.glob("incomplete.*"):
            shutil.rmtree(left_over)
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(manual_dir=folder)
        )


def _load_split(builder: "tfds.core.DatasetBuilder", split: str) -> ClassImages:
    """One split of the prepared data; its records are ordered by class."""
    import tensorflow as tf

    info, feature = builder.info.splits[split], builder.info.features["image"]

    def decode(pixels):
        return tf.reshape(tf.io.decode_raw(pixels, tf.uint8), (-1, *feature.shape))

    shape = (info.num_examples, *feature.shape)
    images, labels = read_records(info.filepaths, shape, decode)
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    return ClassImages(
        images=images,
        offsets=np.append(starts, len(labels)).astype(np.int64),
        class_names=tuple(
            builder.info.features["label"].int2str(label) for label in labels[starts]
        ),
    )
