"""What surrounds the cell in a network, and what a network is to classify."""

import dataclasses

from autometa_tf.field_checks import check_at_least

MIN_IMAGE_SIZE = 8
# The stages of cells in a network, each of which ends with a reduction cell.
NUM_REDUCTIONS = 3
_LARGEST_SMALL_SIZE = 48  # pixels


def small_images(image_shape: tuple[int, int, int]) -> bool:
    """Whether images `(H, W, C)` have at most 48x48 pixels, as Omniglot's 28x28.

    What Reptile and we do otherwise for mini-ImageNet's 84x84 is done for all images
    that are not small.
    """
    return max(image_shape[:2]) <= _LARGEST_SMALL_SIZE


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """What surrounds the cell in a network (Table A1); conv4 has nothing of it.

    Attributes:
      num_filters: The number of filters of the stem and of the first cells (F in
        Table A1).
      num_cell_repeats: The number of normal cells before each reduction cell (N in
        Table A1).
      feature_scale_rate: The factor by which the number of filters grows after each
        reduction cell, 1 to 10. Table A1 has 1 and 2; with others each number of
        filters is rounded, halves to even.
      stem_stride: The stride of the stem, the network's first convolution. 0 chooses 1
        for images of up to 48 pixels and 2 above.
    """

    num_filters: int = 10
    num_cell_repeats: int = 0
    feature_scale_rate: float = 1.0
    stem_stride: int = 0

    def __post_init__(self):
        check_at_least(self, num_filters=1, num_cell_repeats=0)
        if not 1 <= self.feature_scale_rate <= 10:
            raise ValueError(
                "`feature_scale_rate` must be in [1, 10]. "
                f"Received: {self.feature_scale_rate}."
            )
        if self.stem_stride not in (0, 1, 2):
            raise ValueError(
                "`stem_stride` must be 1, 2, or 0 to choose by image size. "
                f"Received: {self.stem_stride}."
            )

    def filters_of_stage(self, stage: int) -> int:
        """The number of filters of the cells before and of reduction cell `stage`."""
        return round(self.num_filters * self.feature_scale_rate**stage)

    def stem_stride_for(self, image_shape: tuple[int, int, int]) -> int:
        """The stride of the stem, 1 or 2, for images `(H, W, C)`."""
        return self.stem_stride or (1 if small_images(image_shape) else 2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """What a network is to classify.

    Attributes:
      image_shape: The shape `(H, W, C)` of the images, at least 8x8 pixels.
      ways: The number of classes of an episode, at least 2.
    """

    image_shape: tuple[int, int, int]
    ways: int

    def __post_init__(self):
        if len(self.image_shape) != 3 or min(self.image_shape[:2]) < MIN_IMAGE_SIZE:
            raise ValueError(
                "`image_shape` must be (height, width, channels) with at least "
                f"{MIN_IMAGE_SIZE}x{MIN_IMAGE_SIZE} pixels. "
                f"Received: {self.image_shape}."
            )
        check_at_least(self, ways=2)
