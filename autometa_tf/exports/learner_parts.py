"""A learner as what it is made of, for exports that build its network anew."""

import dataclasses

from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class LearnerParts:
    """What a learner is made of.

    Attributes:
      network: Its cell, or conv4.
      network_config: What surrounds the cell.
      task: What the network was trained to classify.
      state: What meta-training learned.
      adaptation: How it adapts.
      drawings: Whether its images are drawings, dark on white; else they are photos.
    """

    network: Network
    network_config: NetworkConfig
    task: Task
    state: LearnerState
    adaptation: Adaptation
    drawings: bool
