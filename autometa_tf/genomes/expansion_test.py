import itertools

from absl.testing import absltest, parameterized

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import (
    expand_beam,
    expand_genome,
    num_expansions,
    one_block_genomes,
)
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.genomes.operation import OPERATIONS

_CHAIN = tuple(Block(i, "identity", i, "conv3x3") for i in range(5))


class ExpansionTest(parameterized.TestCase):
    def test_there_are_55_one_block_cells(self):
        genomes = one_block_genomes()
        self.assertLen(set(genomes), 55)
        self.assertEqual({genome.num_blocks for genome in genomes}, {1})

    # The numbers of PNAS, section 4.1, for halves that commute.
    @parameterized.parameters((1, 120), (2, 210), (3, 325), (4, 465))
    def test_number_of_expansions(self, num_blocks, expected):
        genome = Genome(_CHAIN[:num_blocks])
        expanded = expand_genome(genome)
        self.assertLen(set(expanded), expected)
        self.assertEqual(num_expansions(num_blocks), expected)
        for longer in expanded:
            self.assertEqual(longer.blocks[:-1], genome.blocks)

    def test_all_two_block_cells(self):
        parents = one_block_genomes()
        self.assertEqual(sum(len(expand_genome(parent)) for parent in parents), 6600)
        self.assertLen(set(expand_beam(parents)), 5115)

    @parameterized.parameters(
        (("conv1x1",),), (("sep_conv3x3", "identity"),), (tuple(OPERATIONS)[3:],)
    )
    def test_other_operations_against_a_brute_force(self, operations):
        halves = [half for half in itertools.product(range(2), operations)]
        ones = {
            canonical_form(Genome((Block(*one, *two),)))
            for one, two in itertools.product(halves, repeat=2)
        }
        self.assertEqual(one_block_genomes(operations), sorted(ones))
        more = list(itertools.product(range(3), operations))
        pairs = {frozenset(pair) for pair in itertools.product(more, repeat=2)}
        genome = one_block_genomes(operations)[0]
        self.assertLen(expand_genome(genome, operations), len(pairs))
        self.assertEqual(num_expansions(1, operations), len(pairs))
        twos = {
            canonical_form(Genome((*one.blocks, Block(*first, *second))))
            for one in ones
            for first, second in itertools.product(more, repeat=2)
        }
        self.assertEqual(expand_beam(ones, operations), sorted(twos))

    @parameterized.named_parameters(
        ("one_block", one_block_genomes),
        ("beam", lambda: expand_beam(one_block_genomes()[:3])),
    )
    def test_cells_are_canonical_and_sorted(self, make_genomes):
        genomes = make_genomes()
        self.assertEqual(genomes, sorted(genomes))
        self.assertEqual(genomes, [canonical_form(genome) for genome in genomes])

    def test_order_of_the_beam_does_not_matter(self):
        beam = [Genome(_CHAIN[:2]), Genome(_CHAIN[1:2])]
        self.assertEqual(expand_beam(beam), expand_beam(beam[::-1]))


if __name__ == "__main__":
    absltest.main()
