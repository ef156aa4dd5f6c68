"""A network with gradients of forward operations is the deployable network."""

import itertools
import pathlib

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.genome import Block, Genome, read_genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.networks.forward_layers import ForwardPooling
from autometa_tf.networks.layer_factory import ForwardFactory, LayerFactory
from autometa_tf.networks.network import network_of
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell, Conv4

_GENOMES = pathlib.Path(__file__).parents[2] / "testdata" / "genomes"
_BATCH = 5


def _logits_and_gradients(model, inputs, dy):
    with tf.GradientTape() as tape:
        logits = model(inputs)
    gradients = tape.gradient(logits, model.trainable_variables, dy)
    # A cancelled bias has none.
    return [logits, *(g for g in gradients if g is not None)]


class ForwardLayersTest(tf.test.TestCase, parameterized.TestCase):
    def check(self, network, image_shape=(10, 9, 2), **fields):
        """Compares the two networks, where one image of the batch is not there."""
        task = Task(image_shape=image_shape, ways=3)
        config = NetworkConfig(**fields)
        plain, forward = (
            network_of(network, config, task, factory)
            for factory in (LayerFactory(1, 5), ForwardFactory(5))
        )
        for a, b in zip(plain.get_weights(), forward.get_weights(), strict=True):
            self.assertAllEqual(a, b)
        rng = np.random.default_rng(0)
        weights = [w + 0.1 * rng.normal(size=w.shape) for w in plain.get_weights()]
        plain.set_weights(weights)
        forward.set_weights(weights)
        images = tf.constant(rng.uniform(size=(_BATCH, *image_shape)), tf.float32)
        dy = np.float32(rng.normal(size=(_BATCH, 3)))
        dy[-1] = 0
        there = _BATCH - 1
        shares = tf.constant([1 / there] * there + [0.0])
        expected = _logits_and_gradients(plain, images[:there], dy[:there])
        found = _logits_and_gradients(forward, [images, shares], dy)
        found[0] = found[0][:there]
        for a, b in zip(expected, found, strict=True):
            scale = max(1.0, float(np.abs(a).max()))
            self.assertAllClose(a / scale, b / scale, rtol=0, atol=3e-4)

    @parameterized.parameters(itertools.product(OPERATIONS, (0, 1)))
    def test_each_operation_on_each_input(self, operation, index):
        genome = Genome(
            (Block(index, operation, 1, "identity"), Block(2, operation, 2, "identity"))
        )
        self.check(Cell(genome), num_filters=4)

    def test_settings_around_the_cell(self):
        genome = read_genome(str(_GENOMES / "auto_meta_small.json"))
        self.check(
            Cell(genome),
            num_filters=3,
            num_cell_repeats=1,
            feature_scale_rate=1.5,
            stem_stride=2,
        )

    def test_conv4(self):
        self.check(Conv4(), image_shape=(50, 11, 3))

    def test_a_pooling_without_such_a_gradient_is_named(self):
        with self.assertRaisesRegex(ValueError, "average, max.*Received: 'median'"):
            ForwardPooling("median", 3, 1)


if __name__ == "__main__":
    tf.test.main()
