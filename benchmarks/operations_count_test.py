import keras
from absl.testing import absltest, parameterized

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell, Conv4
from benchmarks.operations_count import count_operations


def _conv4(image_shape, copies=1):
    return build_network(
        Conv4(),
        NetworkConfig(),
        Task(image_shape=image_shape, ways=5),
        num_parallel_episodes=copies,
    )


class OperationsCountTest(parameterized.TestCase):
    def test_conv4_for_omniglot(self):
        count = count_operations(_conv4((28, 28, 1)))
        first = 14 * 14 * 9 * 64
        others = (7 * 7 + 4 * 4 + 2 * 2) * 9 * 64 * 64 + 256 * 5
        self.assertEqual(count.forward, 2 * (first + others))
        self.assertEqual(count.kernel_gradients, 2 * (first + others))
        self.assertEqual(count.input_gradients, 2 * others)
        self.assertEqual(count.training, 4 * first + 6 * others)

    def test_conv4_for_mini_imagenet(self):
        count = count_operations(_conv4((84, 84, 3)))
        first = 84 * 84 * 9 * 3 * 32
        others = (42 * 42 + 21 * 21 + 11 * 11) * 9 * 32 * 32 + 6 * 6 * 32 * 5
        self.assertEqual(count.training, 4 * first + 6 * others)

    def test_cell(self):
        # Stem; a 1x1 adapter, a 3x3 and a 1x5 with a 5x1 convolution in each of three
        # cells, which halve 9 pixels to 5, 3 and 2; dense.
        genome = Genome((Block(1, "conv3x3", 1, "conv1x5_5x1"),))
        task = Task(image_shape=(9, 9, 1), ways=5)
        model = build_network(Cell(genome), NetworkConfig(num_filters=4), task)
        count = count_operations(model)
        stem = 9 * 9 * 9 * 4
        cells = sum(
            (large * large + small * small * (9 + 5 + 5)) * 4 * 4
            for large, small in ((9, 5), (5, 3), (3, 2))
        )
        self.assertEqual(count.forward, 2 * (stem + cells + 4 * 5))
        self.assertEqual(count.input_gradients, 2 * (cells + 4 * 5))

    @parameterized.parameters(2, 5)
    def test_each_copy_counts(self, num_copies):
        one = count_operations(_conv4((28, 28, 1)))
        many = count_operations(_conv4((28, 28, 1), num_copies))
        self.assertEqual(many.training, num_copies * one.training)

    def test_keras_layers_count_alike(self):
        x = images = keras.Input((8, 8, 3))
        x = keras.layers.Conv2D(6, 3, strides=2, padding="same")(x)
        x = keras.layers.Flatten()(x)
        model = keras.Model(images, keras.layers.Dense(5)(x))
        forward = 2 * (4 * 4 * 9 * 3 * 6 + 4 * 4 * 6 * 5)
        self.assertEqual(count_operations(model).forward, forward)


if __name__ == "__main__":
    absltest.main()
