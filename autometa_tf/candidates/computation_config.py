"""How a candidate is computed, on which no result depends but by rounding."""

import dataclasses

from autometa_tf.field_checks import check_at_least


@dataclasses.dataclass(frozen=True, kw_only=True)
class ComputationConfig:
    """How a candidate is computed, on which no result depends but by rounding.

    Attributes:
      num_parallel_episodes: The number of episodes computed side by side. By default
        it is the meta-batch shared out among threads and replicas where that is faster,
        and else 1: on a GPU, without oneDNN, and where the first feature map of an
        episode's batch exceeds 1.5 MiB.
      jit_compile: Whether XLA compiles the inner loop. By default it does so on a
        GPU and not on a CPU.
    """

    num_parallel_episodes: int | None = None
    jit_compile: bool | None = None

    def __post_init__(self):
        check_at_least(self, num_parallel_episodes=1)
