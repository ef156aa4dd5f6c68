"""Where candidates are evaluated, and by how many workers."""

import dataclasses
import math
import re


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkersConfig:
    """Where candidates are evaluated, with what, and when one is given up.

    Attributes:
      ray_address: The Ray cluster to join, as `host:port` of its head, or `auto` on one
        of its machines; empty starts one on this machine's loopback device.
      num_workers: The number of candidates evaluated at a time on this machine, by
        default as many as its cores allow. With 0 this process evaluates them itself,
        without Ray. With a `ray_address` it must not be given: the cluster evaluates as
        many as it has room for.
      cpus_per_candidate: The number of CPU cores, and of threads, of each candidate.
      gpus_per_candidate: The number of GPUs of each candidate; a fraction lets several
        candidates share one.
      candidate_timeout_minutes: The longest time for an evaluation, in minutes, after
        which it is stopped; 0 sets no limit.
      max_retries_per_candidate: The number of times a candidate is evaluated again
        after its worker died or its time was over.

    Raises:
      ValueError: A field is out of its range, or contradicts another.
    """

    ray_address: str = ""
    num_workers: int | None = None
    cpus_per_candidate: float = 1.0
    gpus_per_candidate: float = 0.0
    candidate_timeout_minutes: float = 0.0
    max_retries_per_candidate: int = 3

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name == "ray_address" or value is None:
                continue
            if not 0 <= value < math.inf:
                raise ValueError(
                    f"`{field.name}` must be at least 0. Received: {value}."
                )
        if not self.cpus_per_candidate:
            raise ValueError("`cpus_per_candidate` must be above 0. Received: 0.")
        if not re.fullmatch(r"(auto|[^/]+:\d{1,5})?", self.ray_address):
            raise ValueError(
                "`ray_address` must be `host:port`, `auto` or empty. "
                f"Received: {self.ray_address!r}."
            )
        if self.ray_address and self.num_workers is not None:
            raise ValueError(
                "`num_workers` must not be given with a `ray_address`: the cluster's "
                f"size is its own. Received: {self.num_workers}."
            )

    @property
    def in_this_process(self) -> bool:
        """Whether candidates are evaluated in this process, without Ray."""
        return self.num_workers == 0
