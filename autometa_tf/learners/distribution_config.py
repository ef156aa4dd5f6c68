"""Over which devices a learner is trained."""

import dataclasses
import typing
from typing import Literal

from autometa_tf.field_checks import check_at_least, check_choices

# The names that `make_distribution` knows.
DistributionName = Literal["default", "mirrored"]
DISTRIBUTION_NAMES = typing.get_args(DistributionName)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DistributionConfig:
    """Over which devices the full training of a network runs.

    Attributes:
      strategy: The devices that a full training runs on: one for "default"; all GPUs of
        this machine for "mirrored", or its logical CPUs where it has no GPUs.
      num_logical_cpus: The number of logical CPUs that this machine is divided into, so
        that "mirrored" can be tried without GPUs.
    """

    strategy: DistributionName = "default"
    num_logical_cpus: int = 1

    def __post_init__(self):
        check_choices(self)
        check_at_least(self, num_logical_cpus=1)
