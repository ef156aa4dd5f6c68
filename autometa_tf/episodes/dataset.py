"""A few-shot dataset: classes, the images they own, and the splits they are in."""

import collections
import dataclasses
from collections.abc import Sequence

import numpy as np

from autometa_tf.plain_text import printable


class DatasetError(ValueError):
    """A dataset that is absent, incomplete or damaged, told in a single printable line.

    File names come from outside, so whatever cannot be printed is escaped.
    """

    def __init__(self, message: str):
        super().__init__(printable(message))


@dataclasses.dataclass(frozen=True, eq=False)
class ClassImages:
    """The images of a set of classes, grouped by class.

    Letters: `n` images of `c` classes, `H` rows, `W` columns, `C` channels.

    Attributes:
      images: uint8 `[n, H, W, C]`; pixel / 255 is the value in [0, 1].
      offsets: int64 `[c + 1]`; class `i` owns `images[offsets[i]:offsets[i + 1]]`.
      class_names: `c` distinct names.

    Raises:
      ValueError: The three do not fit together.
    """

    images: np.ndarray
    offsets: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self):
        if self.images.dtype != np.uint8 or self.images.ndim != 4:
            raise ValueError(
                "`images` must be uint8 of shape [n, H, W, C]. Received: "
                f"{self.images.dtype} of shape {list(self.images.shape)}."
            )
        num_classes = len(self.class_names)
        if self.offsets.dtype != np.int64 or self.offsets.shape != (num_classes + 1,):
            raise ValueError(
                f"`offsets` must be int64 of shape [{num_classes + 1}], one more than "
                f"the classes. Received: {self.offsets.dtype} of shape "
                f"{list(self.offsets.shape)}."
            )
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.images):
            raise ValueError(
                f"`offsets` must run from 0 to the {len(self.images)} images. "
                f"Received: {self.offsets[0]} to {self.offsets[-1]}."
            )
        if np.any(np.diff(self.offsets) < 1):
            empty = self.class_names[int(np.argmax(np.diff(self.offsets) < 1))]
            raise ValueError(f"Every class must own images. Received: {empty!r}: none.")
        if len(set(self.class_names)) != num_classes:
            raise ValueError(
                f"`class_names` must be distinct. Received: {num_classes} names, "
                f"{len(set(self.class_names))} of them distinct."
            )

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)`."""
        return self.images.shape[1:]

    def class_images(self, index: int) -> np.ndarray:
        """The images of one class, uint8 `[images, H, W, C]`, not copied."""
        return self.images[self.offsets[index] : self.offsets[index + 1]]

    def select(self, classes: Sequence[int]) -> "ClassImages":
        """The given classes (indices), in the given order; their images are copied."""
        if not len(classes):
            return empty_classes(self.image_shape)
        return class_images_from(
            {self.class_names[c]: self.class_images(c) for c in classes}
        )

    def check_episode(
        self,
        ways: int,
        images_per_class: int,
        split: str,
        shots_field: str = "images_per_class",
        queries_per_class: int = 0,
    ) -> None:
        """Checks that an episode can be drawn from these classes.

        Args:
          ways: Classes of an episode.
          images_per_class: Images each of them gives, support and query together.
          split: "train", "validation" or "test", for the message.
          shots_field: What `images_per_class` follows from, for the message:
            "train_shots", "shots" or "images_per_class" itself.
          queries_per_class: How many of `images_per_class` are queries.

        Raises:
          ValueError: Too few classes, or a class with too few images.
        """
        if not 1 <= ways <= self.num_classes:
            raise ValueError(
                f"`ways` must be at least 1 and at most the {self.num_classes} classes "
                f"of the {split} split. Received: {ways}. "
                + _way_out("ways", self.num_classes, 2, f"classes to the {split} split")
            )
        sizes = np.diff(self.offsets)
        smallest = int(np.argmin(sizes))
        if not 1 <= images_per_class <= sizes[smallest]:
            size, shots = int(sizes[smallest]), images_per_class - queries_per_class
            field, given, other = shots_field, shots, "queries_per_class"
            if queries_per_class > 1 and size <= queries_per_class:
                field, given, other = other, queries_per_class, field
            most = size - images_per_class + given
            less = f", less the {size - most} of `{other}`" if size > most else ""
            raise ValueError(
                f"`{field}` must be at least 1 and at most {most}: the {size} images "
                f"of class {self.class_names[smallest]!r}, the smallest of the {split} "
                f"split{less}. Received: {given}. "
                + _way_out(field, most, 1, "images to that class")
            )


def _way_out(field: str, most: int, least: int, more: str) -> str:
    """What to do about too large a field, which most often is a flag too."""
    if most < least:
        return f"Add {more}."
    flag = field if field == "images_per_class" else f"--{field}"
    return f"Give {flag}={most} or less, or add {more}."


def class_images_from(images_by_class: dict[str, np.ndarray]) -> ClassImages:
    """Joins uint8 `[images, H, W, C]` arrays, one per class, in the dict's order."""
    sizes = [len(images) for images in images_by_class.values()]
    return ClassImages(
        images=np.concatenate(list(images_by_class.values())),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        class_names=tuple(images_by_class),
    )


def empty_classes(image_shape: tuple[int, int, int]) -> ClassImages:
    """No classes at all, of images `(H, W, C)`: a split that is not used."""
    return ClassImages(
        images=np.zeros((0, *image_shape), np.uint8),
        offsets=np.zeros(1, np.int64),
        class_names=(),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class ClassSplits:
    """A dataset whose classes are divided into train, validation and test classes.

    `validation` has no classes when the dataset is divided in two only.

    Attributes:
      train: The classes to train with.
      validation: The classes that score candidates.
      test: The classes that score the result.
      depth: How many bits were used of images with more than 8 a channel; 8 where there
        are no such images.
      notes: Lines for whoever loads the data: what was left out, or decided.

    Raises:
      ValueError: Two splits share a class name, or differ in image shape.
    """

    train: ClassImages
    validation: ClassImages
    test: ClassImages
    depth: int = 8
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        splits = (self.train, self.validation, self.test)
        if len({split.image_shape for split in splits}) != 1:
            raise ValueError(
                "The splits must have one image shape. Received: "
                f"{', '.join(str(split.image_shape) for split in splits)}."
            )
        owners = collections.Counter(c for split in splits for c in split.class_names)
        shared = [name for name, count in owners.items() if count > 1][:3]
        if shared:
            raise ValueError(
                "A class must be in one split only, since a learner is tested on "
                "classes it has not seen. Received in more than one: "
                f"{', '.join(shared)}. Put all images of a class into one folder of "
                "one split, or all classes side by side in no split's folder."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)`."""
        return self.train.image_shape
