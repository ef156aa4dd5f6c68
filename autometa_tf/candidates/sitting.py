"""What one sitting of a run computes with, on which its rounding depends."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sitting:
    """What learners compute with, from a run's begin or resumption to its end.

    Attributes:
      num_parallel_episodes: E.
      kernels: Our kernels' instruction set, or "off" where they do not serve.
      processor: The models of the GPUs that are used, else of the CPU.
      tensorflow: The version.
    """

    num_parallel_episodes: int
    kernels: str
    processor: str
    tensorflow: str
