"""An untrained learner of tiny drawings, to export and to run."""

import tensorflow as tf

from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.exports.make_module import exported_model
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.shared_head import share_head
from autometa_tf.networks.network import head_weights
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell, Network
from autometa_tf.testing.drawings import SHAPE, WAYS

# Each operation, at stride 2 and some at stride 1.
ALL_OPERATIONS = Cell(
    Genome(
        (
            Block(0, "conv3x3", 1, "max_pool3x3"),
            Block(1, "conv1x5_5x1", 0, "avg_pool3x3"),
            Block(1, "identity", 2, "max_pool3x3"),
            Block(3, "avg_pool3x3", 4, "conv3x3"),
            Block(0, "sep_conv3x3", 1, "dil_conv3x3"),
            Block(1, "conv1x1", 5, "sep_conv5x5"),
        )
    )
)


def tiny_parts(
    network: Network = ALL_OPERATIONS,
    *,
    shared_head: bool = True,
    class_balanced_batches: bool = True,
    inner_beta1: float = 0.0,
) -> LearnerParts:
    """A learner with weights as they were built, and moments as if it had trained."""
    config = NetworkConfig(num_filters=2)
    task = Task(image_shape=SHAPE, ways=WAYS)
    model = exported_model(network, config, task)
    weights = tf.constant(model.initial_weights())
    if shared_head:
        weights = share_head(weights, head_weights(model.model), WAYS)
    # First ones are equal to second ones, as where a learner carries none on.
    moments = tf.fill([model.num_weights], 1e-3)
    state = LearnerState(
        weights,
        AdamState(moments if inner_beta1 else moments[:0], moments, tf.constant(50.0)),
    )
    adam = AdamConfig(inner_learning_rate=0.01, inner_beta1=inner_beta1)
    return LearnerParts(
        network=network,
        network_config=config,
        task=task,
        state=state,
        adaptation=Adaptation(
            inner_iterations=4,
            support_passes=10,  # Five iterations on three images, in batches of 6.
            inner_batch_size=5,
            adam=adam,
            class_balanced_batches=class_balanced_batches,
            shared_head=shared_head,
        ),
        drawings=True,
    )
