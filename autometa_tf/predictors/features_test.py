import itertools

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.predictors.features import FEATURES, genome_features

_CHAIN = Genome(
    (
        Block(1, "conv3x3", 1, "max_pool3x3"),
        Block(1, "identity", 2, "conv1x5_5x1"),
        Block(0, "avg_pool3x3", 1, "identity"),
    )
)


def _numbers(genome):
    """The features of one cell as plain numbers, by name."""
    values = dict(zip(FEATURES, genome_features([genome])[0], strict=True))
    return {
        name: value if name.startswith("reads") else np.expm1(value)
        for name, value in values.items()
    }


def _paths(genome, number):
    """All paths from a cell's input to a block: the operations on each."""
    if number < 2:
        return [[]]
    return [
        [*path, name]
        for before, name in genome.blocks[number - 2].halves
        for path in _paths(genome, before)
    ]


class FeaturesTest(parameterized.TestCase):
    def test_of_a_cell_counted_by_hand(self):
        expected = {
            "blocks": 3,
            "depth": 2,
            "loose blocks": 2,
            "reads H^(c-2)": 1,
            "reads H^(c-1)": 1,
            # 3x3, 1x5 and 5x1, and two adapters of two loose blocks each.
            "weights": 9 + 10 + 2 * 2,
            "convolutions on a path": 2,
            "reach": 1 + 2,
            "conv3x3": 1,
            "conv1x5_5x1": 1,
            "identity": 2,
            "avg_pool3x3": 1,
            "max_pool3x3": 1,
            "sep_conv3x3": 0,
            "sep_conv5x5": 0,
            "dil_conv3x3": 0,
            "conv1x1": 0,
        }
        numbers = _numbers(_CHAIN)
        self.assertEqual(list(numbers), list(expected))
        np.testing.assert_allclose(list(numbers.values()), list(expected.values()))

    @parameterized.parameters(range(6))
    def test_longest_paths_are_those_of_all_paths(self, index):
        genomes = expand_beam(expand_beam(one_block_genomes()[::20])[::150])
        genome = genomes[index * len(genomes) // 6]
        paths = list(
            itertools.chain.from_iterable(
                _paths(genome, number) for number in range(2, 2 + genome.num_blocks)
            )
        )
        sees = {"conv3x3": 1, "conv1x5_5x1": 2, "avg_pool3x3": 1, "max_pool3x3": 1}
        numbers = _numbers(genome)
        self.assertAlmostEqual(numbers["depth"], max(map(len, paths)))
        self.assertAlmostEqual(
            numbers["convolutions on a path"],
            max(sum(name.startswith("conv") for name in path) for path in paths),
        )
        self.assertAlmostEqual(
            numbers["reach"],
            max(sum(sees.get(name, 0) for name in path) for path in paths),
        )
        self.assertAlmostEqual(numbers["depth"], genome.depth)
        self.assertAlmostEqual(numbers["loose blocks"], len(genome.loose_blocks))
        self.assertEqual(
            {i for i, name in enumerate(FEATURES[3:5]) if numbers[name]},
            genome.inputs_read,
        )

    def test_of_nothing(self):
        self.assertEqual(genome_features([]).shape, (0, len(FEATURES)))


if __name__ == "__main__":
    absltest.main()
