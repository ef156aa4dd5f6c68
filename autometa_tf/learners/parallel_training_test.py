"""Episodes side by side learn what they learn one after another, in every network."""

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import skip_without_grouped_gradients
from autometa_tf.testing.plain_conv4 import PlainConv4
from autometa_tf.testing.sequential_reptile import SequentialReptile
from autometa_tf.testing.tiny_classes import tiny_classes
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS = (8, 9, 1), 3
_TASK = Task(image_shape=_SHAPE, ways=_WAYS)


def _sampler():
    classes = tiny_classes(6, 5, _SHAPE)
    return EpisodeSampler(
        classes, ways=_WAYS, images_per_class=4, seed=0, split="train"
    )


def _config(fields):
    return ReptileConfig(inner_batch_size=5, outer_iterations=4, **fields)


def _cells(*blocks, **fields):
    """Copies -> a network of cells."""
    config = NetworkConfig(num_filters=3, **fields)
    cell = Cell(Genome(tuple(Block(*block) for block in blocks)))
    return lambda copies: build_network(
        cell, config, _TASK, num_parallel_episodes=copies
    )


def _conv4(max_pooling):
    return lambda copies: tiny_conv4(
        _TASK, num_filters=4, max_pooling=max_pooling, num_parallel_episodes=copies
    )


_NETWORKS = {
    **{name: _cells((0, name, 1, name)) for name in OPERATIONS},
    "normal_and_reduction_cells": _cells(
        (0, "conv3x3", 1, "max_pool3x3"), num_cell_repeats=1
    ),
    "growing_cells": _cells((0, "avg_pool3x3", 1, "conv3x3"), feature_scale_rate=2),
    "concatenated_outputs": _cells(
        (0, "conv3x3", 1, "identity"), (1, "conv3x3", 1, "avg_pool3x3")
    ),
    "only_input_0": _cells((0, "conv3x3", 0, "identity")),
    "strided_conv4": _conv4(False),
    "pooled_conv4": _conv4(True),
}


def _learner(build, copies, fields, **settings):
    model = ParallelModel(build(copies), copies)
    return ReptileLearner(model, _sampler(), _config(fields), **settings)


def _train_one_iteration(name, copies, fields, **settings):
    """The learner's slots after an outer iteration in the middle of a training.

    Adam's very first steps have the size of the learning rate however small the
    gradient is, so they would turn a rounding error about 0 into a step. Later ones,
    from given moments, do not.
    """
    fields = {"inner_learning_rate": 0.05} | fields
    learner = _learner(_NETWORKS[name], copies, fields, **settings)
    slots = learner.slots()
    moments = np.random.default_rng(0).uniform(0.01, 0.02, slots.second_moments.shape)
    learner.restore(
        slots._replace(iteration=1, second_moments=moments.astype(np.float32))
    )
    learner.run(1)
    return slots.weights, learner.slots()


class ParallelTrainingTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        # Tracing would take longer than the few steps.
        tf.config.run_functions_eagerly(True)
        self.addCleanup(tf.config.run_functions_eagerly, False)

    def check(self, name, numbers_of_copies, **fields):
        skip_without_grouped_gradients()
        start, expected = _train_one_iteration(name, 1, fields)
        self.assertNotAllClose(expected.weights, start, atol=2e-3)
        for copies in numbers_of_copies:
            _, slots = _train_one_iteration(name, copies, fields)
            self.assertAllClose(slots.weights, expected.weights, atol=5e-5)
            self.assertAllClose(
                slots.second_moments, expected.second_moments, rtol=1e-3
            )

    @parameterized.named_parameters((name, name) for name in _NETWORKS)
    def test_equals_one_after_another_in_every_network(self, name):
        self.check(name, [2], inner_iterations=1, meta_batch_size=2)

    @parameterized.parameters(
        ("concatenated_outputs", 3, [2]), ("strided_conv4", 5, [2, 3, 5])
    )
    def test_equals_one_after_another_with_uneven_rounds(
        self, name, meta_batch_size, numbers_of_copies
    ):
        self.check(
            name, numbers_of_copies, inner_iterations=2, meta_batch_size=meta_batch_size
        )


class JitCompiledTrainingTest(tf.test.TestCase):
    def test_equals_training_without_xla(self):
        fields = {"inner_iterations": 2, "meta_batch_size": 2}
        _, expected = _train_one_iteration("strided_conv4", 1, fields)
        _, slots = _train_one_iteration("strided_conv4", 1, fields, jit_compile=True)
        self.assertAllClose(slots.weights, expected.weights, atol=5e-5)
        self.assertAllClose(slots.second_moments, expected.second_moments, rtol=1e-3)


class Conv4ReptileTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters((False, 1), (False, 3), (True, 2))
    def test_equals_plain_keras_trained_plainly(self, max_pooling, copies):
        skip_without_grouped_gradients(copies)
        fields = {"inner_iterations": 2, "meta_batch_size": 3}
        learner = _learner(_conv4(max_pooling), copies, fields)
        plain = PlainConv4(_SHAPE, _WAYS, num_filters=4, max_pooling=max_pooling)
        expected = SequentialReptile(
            learner.model.initial_weights(),
            _sampler(),
            _config(fields),
            plain.loss_and_gradient,
        )
        matters = ~plain.cancelled
        self.assertEqual(np.sum(~matters), 4 * 4)
        for _ in range(2):
            loss = learner.run(1)
            expected.run(1)
            self.assertAllClose(loss, expected.loss, atol=1e-4)
            weights = learner.slots().weights
            self.assertAllClose(weights[matters], expected.weights[matters], atol=1e-4)
            self.assertAllEqual(weights[~matters], np.zeros(4 * 4))


if __name__ == "__main__":
    tf.test.main()
