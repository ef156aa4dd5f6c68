"""Which dataset, where it lies, and how its classes are divided."""

import dataclasses
import re

# Each dataset's own size in pixels, and its channels.
_NATIVE_SIZES = {
    "omniglot": (28, 1),
    "mini_imagenet": (84, 3),
    "cifar_fs": (32, 3),
    "glyphs": (28, 1),
    "image_folder": (84, 3),
}
_TFDS_SIZE = (84, 3)
DATASET_NAMES = tuple(_NATIVE_SIZES)

TFDS_PREFIX = "tfds:"
# A dataset, and perhaps its config and version. For names with another colon or more
# slashes TFDS would run code of the Hugging Face hub and of others.
_TFDS_NAME = re.compile(r"[a-z0-9_]+(/[A-Za-z0-9_.-]+)?(:\d+\.\d+\.\d+)?")

MIN_IMAGE_SIZE = 8
MAX_IMAGE_SIZE = 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """Which dataset, where it lies, and how its classes are divided.

    Attributes:
      dataset: The dataset to learn from: `omniglot`, `mini_imagenet`, `cifar_fs`,
        `glyphs`, `image_folder`, or `tfds:` and the name of any image classification
        dataset of TFDS, such as `tfds:oxford_flowers102`.
      data_dir: The folder where TensorFlow Datasets (TFDS) keeps prepared data; "" is
        the folder that TFDS itself chooses.
      manual_dir: The folder with mini-ImageNet's files, which TFDS cannot download; the
        documentation of data names them.
      image_folder: The folder that the dataset "image_folder" is read from. It holds a
        folder of images for each class, or folders of such folders for train, val and
        test.
      image_size: The height and width of the images in pixels. 0 is the dataset's own:
        28 for "omniglot" and "glyphs", 32 for "cifar_fs", 84 for the others.
      image_channels: With 1 all images become grey, with 3 coloured; 0 is the dataset's own
        kind: grey for "omniglot" and "glyphs", coloured for the others.
      split_seed: The seed of the division into train, validation and test classes. It
        is not the run's seed, so that runs of all seeds share their test classes.
      split_file: A JSON file that divides the classes of a dataset of TFDS: lists of
        their names, "train", "validation" and "test". Where it is not given, the seed
        divides them.
      omniglot_validation_classes: The number of validation classes among Omniglot's
        1,200 characters that are not for testing. With 0 the split is the published
        one, 1,200 to 423.

    Raises:
      ValueError: A field is outside its range.
    """

    dataset: str = "glyphs"
    data_dir: str = ""
    manual_dir: str = ""
    image_folder: str = ""
    image_size: int = 0
    image_channels: int = 0
    split_seed: int = 0
    split_file: str = ""
    omniglot_validation_classes: int = 100

    def __post_init__(self):
        check_dataset_name(self.dataset)
        if self.split_file and not self.dataset.startswith(TFDS_PREFIX):
            raise ValueError(
                "`split_file` must be given with a dataset of TFDS only. Received: "
                f"{self.split_file!r} with {self.dataset}."
            )
        size = self.image_size
        if size and not MIN_IMAGE_SIZE <= size <= MAX_IMAGE_SIZE:
            raise ValueError(
                f"`image_size` must be 0 (the dataset's own) or {MIN_IMAGE_SIZE} to "
                f"{MAX_IMAGE_SIZE} pixels. Received: {size}."
            )
        if self.dataset == "mini_imagenet" and size not in (0, 84):
            raise ValueError(
                f"`image_size` of mini_imagenet must be 0 or 84. Received: {size}."
            )
        if self.image_channels not in (0, 1, 3):
            raise ValueError(
                "`image_channels` must be 0 (the dataset's own), 1 or 3. "
                f"Received: {self.image_channels}."
            )
        if not 0 <= self.split_seed < 2**32:
            raise ValueError(
                f"`split_seed` must be in [0, 2**32). Received: {self.split_seed}."
            )
        if not 0 <= self.omniglot_validation_classes < 1200:
            raise ValueError(
                "`omniglot_validation_classes` must be in [0, 1200), such as 100. "
                f"Received: {self.omniglot_validation_classes}."
            )
        if self.dataset == "image_folder" and not self.image_folder:
            raise ValueError(
                "The dataset 'image_folder' needs `image_folder`, the folder with one "
                "folder of images per class, as in --image_folder=photos. Received: ''."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)` of the images that will be loaded."""
        size, channels = _NATIVE_SIZES.get(self.dataset, _TFDS_SIZE)
        size = self.image_size or size
        return (size, size, self.image_channels or channels)


def check_dataset_name(name: str) -> None:
    """Sees that there is, or may be, a dataset of this name.

    Raises:
      ValueError: There is none.
    """
    own = name.removeprefix(TFDS_PREFIX)
    is_tfds = name.startswith(TFDS_PREFIX) and _TFDS_NAME.fullmatch(own)
    if name not in _NATIVE_SIZES and not is_tfds:
        raise ValueError(
            f"`dataset` must be one of {', '.join(_NATIVE_SIZES)}, or tfds: and the name "
            "of a dataset of TensorFlow Datasets, such as tfds:oxford_flowers102. "
            f"Received: {name!r:.80}."
        )
