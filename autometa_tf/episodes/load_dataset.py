"""Loading any of the datasets by name."""

from autometa_tf.episodes.dataset import ClassSplits, DatasetConfig
from autometa_tf.episodes.glyphs import load_glyphs
from autometa_tf.episodes.image_folder import load_image_folder
from autometa_tf.episodes.mini_imagenet import load_mini_imagenet
from autometa_tf.episodes.omniglot import load_omniglot


def load_dataset(config: DatasetConfig, ways: int = 1) -> ClassSplits:
    """Loads the dataset that `config` names, as uint8 images in memory.

    Args:
        config: which dataset, and where it lies.
        ways: classes of an episode; `image_folder` gives each split at least so many.

    Raises:
        DatasetError: the dataset is absent, incomplete or damaged, or has too few
            classes.
    """
    if config.dataset == "omniglot":
        return load_omniglot(
            config.data_dir,
            config.image_size,
            config.omniglot_validation_classes,
            config.split_seed,
        )
    if config.dataset == "mini_imagenet":
        return load_mini_imagenet(config.data_dir, config.manual_dir)
    if config.dataset == "glyphs":
        return load_glyphs(config.image_size, config.split_seed)
    return load_image_folder(
        config.image_folder, config.image_size, ways, config.split_seed
    )
