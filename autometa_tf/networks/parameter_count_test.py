"""The arithmetic against the models that Keras builds."""

import random

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import possible_blocks
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Genome
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.networks.parameter_count import count_parameters


def _random_genome(generator, num_blocks):
    return Genome(
        tuple(
            generator.choice(possible_blocks(NUM_CELL_INPUTS + number))
            for number in range(num_blocks)
        )
    )


class ParameterCountTest(parameterized.TestCase):
    @parameterized.product(num_cell_repeats=(0, 1), feature_scale_rate=(1.0, 1.5, 2.0))
    def test_it_is_what_keras_counts(self, **fields):
        generator = random.Random(repr(fields))
        for num_blocks in (1, 2, 5):
            config = NetworkConfig(
                num_filters=generator.randint(1, 7),
                stem_stride=generator.choice((0, 1, 2)),
                **fields,
            )
            size = generator.choice((8, 13, 50))
            task = Task(
                image_shape=(size, size, generator.choice((1, 3))),
                ways=generator.randint(2, 20),
            )
            genome = _random_genome(generator, num_blocks)
            model = build_network(Cell(genome), config, task)
            sizes = [np.prod(weight.shape) for weight in model.trainable_variables]
            self.assertEqual(
                count_parameters(genome, config, task), sum(sizes), msg=str(genome)
            )


if __name__ == "__main__":
    absltest.main()
