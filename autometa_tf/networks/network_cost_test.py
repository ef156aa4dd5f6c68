"""The arithmetic against the models that Keras builds."""

import random

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import possible_blocks
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Block, Genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_cost import network_cost
from autometa_tf.networks.network_kinds import Cell


def _random_genome(generator, num_blocks):
    operations = tuple(OPERATIONS)
    return Genome(
        tuple(
            generator.choice(possible_blocks(NUM_CELL_INPUTS + number, operations))
            for number in range(num_blocks)
        )
    )


def _multiply_adds(model):
    """Of all layers with kernels, from the shapes that Keras gives their outputs."""
    count = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None:
            pixels = np.prod(layer.output.shape[1:-1], dtype=int)
            count += int(pixels * np.prod(kernel.shape))
    return count


class NetworkCostTest(parameterized.TestCase):
    @parameterized.product(num_cell_repeats=(0, 1), feature_scale_rate=(1.0, 1.5, 2.0))
    def test_it_is_what_keras_counts(self, **fields):
        generator = random.Random(repr(fields))
        # Of cells that read H^(c-2) alone every other one falls out of the network.
        skipping = Genome((Block(0, "conv3x3", 0, "identity"),))
        for genome in (skipping, *(_random_genome(generator, n) for n in (1, 2, 5))):
            config = NetworkConfig(
                num_filters=generator.randint(1, 7),
                stem_stride=generator.choice((0, 1, 2)),
                **fields,
            )
            height, width = generator.choices((8, 13, 50), k=2)
            task = Task(
                image_shape=(height, width, generator.choice((1, 3))),
                ways=generator.randint(2, 20),
            )
            model = build_network(Cell(genome), config, task)
            cost = network_cost(genome, config, task)
            sizes = [np.prod(weight.shape) for weight in model.trainable_variables]
            self.assertEqual(cost.num_parameters, sum(sizes), msg=str(genome))
            self.assertEqual(
                cost.num_multiply_adds, _multiply_adds(model), msg=str(genome)
            )


if __name__ == "__main__":
    absltest.main()
