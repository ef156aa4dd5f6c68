"""A meta-trained network -> the module that adapts it, for a SavedModel or for Python."""

import dataclasses

from autometa_tf.exports.any_ways import AdaptAndPredictAnyWays
from autometa_tf.exports.saved_model import AdaptAndPredict
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.any_ways_model import AnyWaysModel
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network import build_network, network_body
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How an exported learner adapts.

    Attributes:
      inner_iterations: The number of inner iterations on a support set.
      inner_batch_size: The number of images in an inner batch.
      adam: The inner optimizer.
      class_balanced_batches: As in `ReptileConfig`.
      shared_head: As in `ReptileConfig`; with it the learner takes any number of classes.
    """

    inner_iterations: int
    inner_batch_size: int
    adam: AdamConfig
    class_balanced_batches: bool
    shared_head: bool

    def __post_init__(self):
        self.scoring  # noqa: B018 - checks the numbers

    @property
    def scoring(self) -> ScoringConfig:
        """The same, as the inner loop takes it."""
        return ScoringConfig(
            scoring_inner_iterations=self.inner_iterations,
            scoring_inner_batch_size=self.inner_batch_size,
        )


def exported_model(
    network: Network, config: NetworkConfig, task: Task
) -> ParallelModel:
    """One copy of a network, of TensorFlow's operations alone, to run everywhere."""
    return ParallelModel(build_network(network, config, task))


def make_module(
    model: ParallelModel, state: LearnerState, adaptation: Adaptation
) -> AdaptAndPredict:
    """The module whose methods are a SavedModel's signatures.

    Args:
      model: What `exported_model` returned.
      state: What its meta-training learned.
      adaptation: How it adapts.
    """
    make = AdaptAndPredict
    if adaptation.shared_head:
        model = AnyWaysModel(model.model, network_body(model.model))
        make = AdaptAndPredictAnyWays
    return make(
        model,
        state,
        adaptation.scoring,
        adaptation.adam,
        class_balanced_batches=adaptation.class_balanced_batches,
    )
