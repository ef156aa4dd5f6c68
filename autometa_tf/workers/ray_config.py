"""Where and how Ray evaluates candidates."""

import dataclasses
import math
import re


@dataclasses.dataclass(frozen=True, kw_only=True)
class RayEvaluatorConfig:
    """Where candidates are evaluated, with what, and when to give one up.

    Attributes:
      ray_address: the cluster to join, as `host:port` of its head, or `auto` on one of
        its machines; "" starts one on this machine's loopback device.
      num_workers: candidates at a time on this machine; 0 for as many as its cores
        allow. With a `ray_address` it must be 0: the cluster has as many as it has.
      cpus_per_candidate: CPU cores for each, and its number of threads.
      gpus_per_candidate: GPUs for each; a fraction lets several share one.
      num_queued: candidates sent ahead of those that run, so that a worker that is done
        need not wait for its next.
      candidates_per_worker: evaluations after which a worker process is renewed, should
        its memory grow after all; 0 for never.
      candidate_timeout_minutes: time after which an evaluation is stopped; 0 for none.
      max_retries_per_candidate: how often a candidate is evaluated again after its
        worker died or its time was over.

    Raises:
      ValueError: when a field is out of its range.
    """

    ray_address: str = ""
    num_workers: int = 0
    cpus_per_candidate: float = 1.0
    gpus_per_candidate: float = 0.0
    num_queued: int = 2
    candidates_per_worker: int = 20
    candidate_timeout_minutes: float = 0.0
    max_retries_per_candidate: int = 3

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name != "ray_address" and not 0 <= value < math.inf:
                raise ValueError(
                    f"`{field.name}` must be at least 0. Received: {value}."
                )
        for name in ("cpus_per_candidate", "num_queued"):
            if not getattr(self, name):
                raise ValueError(f"`{name}` must be above 0. Received: 0.")
        if not re.fullmatch(r"(auto|[^/]+:\d{1,5})?", self.ray_address):
            raise ValueError(
                "`ray_address` must be `host:port`, `auto` or empty. "
                f"Received: {self.ray_address!r}."
            )
        if self.ray_address and self.num_workers:
            raise ValueError(
                "`num_workers` must not be given with a `ray_address`: the cluster's "
                f"size is its own. Received: {self.num_workers}."
            )
