"""A meta-trained network -> the module that adapts it, for a SavedModel or for Python."""

from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.exports.any_ways import AdaptAndPredictAnyWays
from autometa_tf.exports.saved_model import AdaptAndPredict
from autometa_tf.learners.any_ways_model import AnyWaysModel
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.networks.network import build_network, network_body
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Network


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
