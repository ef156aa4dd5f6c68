"""Loading any of the datasets by name."""

import dataclasses
import os
from typing import Any

from autometa_tf.episodes.dataset import ClassSplits
from autometa_tf.episodes.dataset_config import (
    DATASET_NAMES,
    TFDS_PREFIX,
    DatasetConfig,
)
from autometa_tf.episodes.fitted_classes import fitted_classes
from autometa_tf.episodes.glyphs import load_glyphs
from autometa_tf.episodes.image_folder import load_image_folder
from autometa_tf.episodes.mini_imagenet import load_mini_imagenet
from autometa_tf.episodes.omniglot import load_omniglot
from autometa_tf.episodes.tfds_dataset import load_cifar_fs, load_tfds


def load_dataset(
    dataset: DatasetConfig | str | os.PathLike, ways: int = 5, **fields: Any
) -> ClassSplits:
    """Loads a dataset as uint8 images in memory.

    `load_dataset("omniglot")`, `load_dataset("photos/", image_size=64)`.

    Args:
      dataset: Its name, a folder with a folder of images for each class, or a whole
        configuration.
      ways: Classes of an episode; a folder of images gives each split at least so many.
      **fields: Further fields of `DatasetConfig`, beside a name or folder.

    Raises:
      DatasetError: The dataset is absent, incomplete or damaged, or has too few
        classes.
      ValueError: There is no such dataset, or a field is out of its range.
    """
    config = _config(dataset, fields)
    splits = _load(config, ways)
    if splits.image_shape == config.image_shape:
        return splits
    fitted = {
        name: fitted_classes(getattr(splits, name), config.image_shape)
        for name in ("train", "validation", "test")
    }
    return dataclasses.replace(splits, **fitted)


def _load(config: DatasetConfig, ways: int) -> ClassSplits:
    """The dataset with channels of its own."""
    if config.dataset == "omniglot":
        return load_omniglot(
            config.data_dir,
            config.image_size,
            config.omniglot_validation_classes,
            config.split_seed,
        )
    if config.dataset == "mini_imagenet":
        return load_mini_imagenet(config.data_dir, config.manual_dir)
    if config.dataset == "cifar_fs":
        return load_cifar_fs(config.data_dir, config.image_size)
    if config.dataset.startswith(TFDS_PREFIX):
        return load_tfds(
            config.dataset.removeprefix(TFDS_PREFIX),
            config.data_dir,
            config.image_size,
            split_file=config.split_file,
            split_seed=config.split_seed,
            ways=ways,
        )
    if config.dataset == "glyphs":
        return load_glyphs(config.image_size, config.split_seed)
    return load_image_folder(
        config.image_folder, config.image_size, ways, config.split_seed
    )


def _config(dataset: Any, fields: dict[str, Any]) -> DatasetConfig:
    if isinstance(dataset, DatasetConfig):
        return dataclasses.replace(dataset, **fields)
    name = os.fspath(dataset)
    named = name in DATASET_NAMES and name != "image_folder"
    if named or name.startswith(TFDS_PREFIX):
        return DatasetConfig(dataset=name, **fields)
    if os.path.isdir(name):
        return DatasetConfig(dataset="image_folder", image_folder=name, **fields)
    names = ", ".join(each for each in DATASET_NAMES if each != "image_folder")
    raise ValueError(
        f"`dataset` must be one of {names}, tfds: and the name of a dataset of TFDS, or "
        f"a folder of images. Received: {name!r}."
    )
