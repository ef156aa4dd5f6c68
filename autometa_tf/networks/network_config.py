"""What surrounds the cell in a network."""

import dataclasses

MIN_IMAGE_SIZE = 8


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """What surrounds the cell.

    Attributes:
      image_shape: `(H, W, C)` of the images, at least 8x8.
      ways: Classes of an episode, units of the dense layer.
      num_filters: F of Table A1: filters of the stem and of the first cells.
      num_cell_repeats: N of Table A1: normal cells before each reduction cell.
      feature_scale_rate: Table A1: cells of stage i = 0, 1, 2 have F * rate^i filters.
      stem_stride: Stride of the stem; 0 chooses 1 up to 48 pixels and 2 above.
    """

    image_shape: tuple[int, int, int]
    ways: int
    num_filters: int = 10
    num_cell_repeats: int = 0
    feature_scale_rate: int = 1
    stem_stride: int = 0

    def __post_init__(self):
        object.__setattr__(self, "image_shape", tuple(self.image_shape))
        if len(self.image_shape) != 3 or min(self.image_shape[:2]) < MIN_IMAGE_SIZE:
            raise ValueError(
                "`image_shape` must be (height, width, channels) with at least "
                f"{MIN_IMAGE_SIZE}x{MIN_IMAGE_SIZE} pixels. "
                f"Received: {self.image_shape}."
            )
        for name, least in (
            ("ways", 2),
            ("num_filters", 1),
            ("num_cell_repeats", 0),
            ("feature_scale_rate", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. "
                    f"Received: {getattr(self, name)}."
                )
        if self.stem_stride not in (0, 1, 2):
            raise ValueError(
                "`stem_stride` must be 1, 2, or 0 to choose by image size. "
                f"Received: {self.stem_stride}."
            )
