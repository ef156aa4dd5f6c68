"""The operations a block may apply to its inputs."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Operation:
    """What an operation does, described so that a network can be built from it.

    An operation is a chain of convolutions, a pooling, or, with neither, the
    identity.

    Attributes:
      name: What genomes call it.
      kernel_sizes: `(height, width)` of the convolutions, applied one after the
        other, with one batch normalisation after the last.
      depthwise: Whether a kernel of more than one pixel has one filter for each
        channel, which sees that channel alone.
      dilation: The distance of the pixels that a kernel sees, in pixels.
      pool: "" for none, else "average" or "max".
      pool_size: Side of the pooling window in pixels; 0 without pooling.
    """

    name: str
    kernel_sizes: tuple[tuple[int, int], ...] = ()
    depthwise: bool = False
    dilation: int = 1
    pool: str = ""
    pool_size: int = 0

    def __post_init__(self):
        if not self.name:
            raise ValueError("`name` must not be empty.")
        if self.pool not in ("", "average", "max"):
            raise ValueError(
                f"`pool` must be '', 'average' or 'max'. Received: {self.pool!r}."
            )
        if any(side < 1 for size in self.kernel_sizes for side in size):
            raise ValueError(
                "`kernel_sizes` must be pairs of integers of at least 1. "
                f"Received: {self.kernel_sizes}."
            )
        if self.dilation < 1:
            raise ValueError(
                f"`dilation` must be at least 1. Received: {self.dilation}."
            )
        if bool(self.pool) != (self.pool_size > 0):
            raise ValueError(
                "`pool_size` must be at least 1 with pooling and 0 without. "
                f"Received: {self.pool_size} with `pool` {self.pool!r}."
            )
        if self.pool and self.kernel_sizes:
            raise ValueError(
                "An operation must be convolutions or a pooling. Received both: "
                f"{self.kernel_sizes} and {self.pool!r}."
            )


# All that genomes may name. A new one is one more entry, at the end.
OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        # The five operations of the paper, section 4.1.
        Operation(name="conv3x3", kernel_sizes=((3, 3),)),
        Operation(name="conv1x5_5x1", kernel_sizes=((1, 5), (5, 1))),
        Operation(name="identity"),
        Operation(name="avg_pool3x3", pool="average", pool_size=3),
        Operation(name="max_pool3x3", pool="max", pool_size=3),
        # Of PNAS, table 1, and 1x1.
        Operation(name="sep_conv3x3", kernel_sizes=((3, 3), (1, 1)), depthwise=True),
        Operation(name="sep_conv5x5", kernel_sizes=((5, 5), (1, 1)), depthwise=True),
        Operation(name="dil_conv3x3", kernel_sizes=((3, 3),), dilation=2),
        Operation(name="conv1x1", kernel_sizes=((1, 1),)),
    )
}
PAPER_OPERATIONS = tuple(OPERATIONS)[:5]
