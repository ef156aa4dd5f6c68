import keras
import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import skip_without_grouped_gradients
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS = (8, 8, 2), 3
_TASK = Task(image_shape=_SHAPE, ways=_WAYS)


def _cells(copies):
    """A network of cells with two loose blocks."""
    genome = Genome(
        (
            Block(0, "conv3x3", 1, "max_pool3x3"),
            Block(1, "conv1x5_5x1", 1, "identity"),
        )
    )
    config = NetworkConfig(num_filters=3)
    return build_network(Cell(genome), config, _TASK, num_parallel_episodes=copies)


def _conv4(max_pooling):
    def build(copies):
        return tiny_conv4(
            _TASK, num_filters=4, max_pooling=max_pooling, num_parallel_episodes=copies
        )

    return build


_NETWORKS = (
    ("cells", _cells),
    ("strided", _conv4(False)),
    ("pooled", _conv4(True)),
)
_EVERY_NETWORK = parameterized.named_parameters(*_NETWORKS)


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


class LayoutTest(tf.test.TestCase, parameterized.TestCase):
    @_EVERY_NETWORK
    def test_a_copy_vector_lists_the_variables_of_the_model(self, build):
        model = ParallelModel(build(3), 3)
        one = build(1)
        copies = _normal(3, model.num_weights)
        # Brute force: every copy's variables, side by side in the last axis.
        first, variables = 0, []
        for variable in one.trainable_variables:
            size = int(np.prod(variable.shape))
            parts = [
                row[first : first + size].reshape(variable.shape) for row in copies
            ]
            variables.append(np.concatenate(parts, axis=-1))
            first += size
        expected = np.concatenate([v.ravel() for v in variables])
        self.assertAllEqual(model.join(tf.constant(copies)), expected)
        self.assertAllEqual(
            [v.shape for v in variables],
            [tuple(v.shape) for v in model.model.trainable_variables],
        )

    @_EVERY_NETWORK
    def test_separate_and_join_are_inverses(self, build):
        model = ParallelModel(build(3), 3)
        vector = tf.constant(_normal(3 * model.num_weights))
        self.assertAllEqual(model.join(model.separate(vector)), vector)
        copies = tf.constant(_normal(3, model.num_weights))
        self.assertAllEqual(model.separate(model.join(copies)), copies)

    @parameterized.parameters(1, 4)
    def test_copies_of_one_network_are_equal(self, num_copies):
        model = ParallelModel(_cells(num_copies), num_copies)
        weights = tf.constant(_normal(model.num_weights))
        copies = model.separate(model.copy(weights))
        self.assertAllEqual(copies, np.tile(weights, (num_copies, 1)))

    @parameterized.parameters(1, 4)
    def test_weights_of_the_keras_model_come_and_go(self, num_copies):
        model = ParallelModel(_cells(num_copies), num_copies)
        initial = model.initial_weights()
        alone = [v.numpy().ravel() for v in _cells(1).trainable_variables]
        self.assertAllEqual(initial, np.concatenate(alone))
        weights = _normal(model.num_weights, seed=3)
        model.set_weights(weights)
        self.assertAllEqual(model.initial_weights(), weights)
        for variable in model.model.trainable_variables:
            first, *others = np.split(variable.numpy(), num_copies, axis=-1)
            for other in others:
                self.assertAllEqual(other, first)

    def test_knows_its_sizes(self):
        model = ParallelModel(_cells(4), 4)
        self.assertEqual(model.num_weights, _cells(1).count_params())
        self.assertEqual(model.ways, _WAYS)
        self.assertEqual(model.image_shape, _SHAPE)

    def test_refuses_a_model_that_remembers(self):
        images = keras.Input((8, 8, 2))
        x = keras.layers.BatchNormalization()(images)
        model = keras.Model(images, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
        with self.assertRaisesRegex(
            ValueError, "trainable variables only.*moving_mean"
        ):
            ParallelModel(model)


class CopiesTest(tf.test.TestCase, parameterized.TestCase):
    @_EVERY_NETWORK
    def test_losses_and_gradients_equal_those_of_separate_networks(self, build):
        skip_without_grouped_gradients()
        num_copies = 3
        together, alone = ParallelModel(build(3), 3), build(1)
        copies = 0.5 * _normal(num_copies, together.num_weights)
        images = _normal(6, 8, 8, 2 * num_copies, seed=1)
        labels = np.random.default_rng(2).integers(0, _WAYS, (6, num_copies))
        losses, gradient = together.loss_and_gradient(
            together.join(tf.constant(copies)), tf.constant(images), tf.constant(labels)
        )
        gradients = together.separate(gradient)
        for copy in range(num_copies):
            # The model itself, its own variables, and Keras's own loss.
            ParallelModel(alone).set_weights(copies[copy])
            with tf.GradientTape() as tape:
                logits = alone(tf.constant(images[..., 2 * copy : 2 * copy + 2]))
                loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(
                    labels[:, copy], logits
                )
            expected = tape.gradient(
                loss, [v.value for v in alone.trainable_variables],
                unconnected_gradients="zero",
            )  # fmt: skip
            expected = np.concatenate([np.ravel(g) for g in expected])
            self.assertAllClose(losses[copy], loss, atol=1e-4)
            scale = np.abs(expected).max()
            self.assertAllClose(gradients[copy], expected, rtol=0, atol=1e-3 * scale)

    @_EVERY_NETWORK
    def test_one_copy_does_not_feel_another(self, build):
        skip_without_grouped_gradients()
        model = ParallelModel(build(3), 3)
        copies = _normal(3, model.num_weights)
        images = _normal(4, 8, 8, 6, seed=1)
        labels = np.zeros((4, 3), np.int32)

        def compute(copies, images, labels):
            vector = model.join(tf.constant(copies))
            losses, gradient = model.loss_and_gradient(
                vector, tf.constant(images), tf.constant(labels)
            )
            return losses, model.separate(gradient), model.logits(vector, images)

        before = compute(copies, images, labels)
        copies[1] += 1.0
        images[..., 2:4] *= -3.0
        labels[:, 1] = 2
        after = compute(copies, images, labels)
        for copy in (0, 2):
            self.assertAllClose(before[0][copy], after[0][copy], atol=1e-6)
            self.assertAllClose(before[1][copy], after[1][copy], atol=1e-6)
            self.assertAllClose(before[2][:, copy], after[2][:, copy], atol=1e-6)
        self.assertNotAllClose(before[0][1], after[0][1], atol=1e-2)


if __name__ == "__main__":
    tf.test.main()
