import itertools
import random

import hypothesis
from absl.testing import absltest, parameterized

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import Block, Genome, InvalidGenomeError
from autometa_tf.genomes.operation import PAPER_OPERATIONS
from autometa_tf.testing.genome_strategies import genomes


def _encodings(genome):
    """Brute force: the genomes of all orders of the blocks and of their halves."""
    positions = range(genome.num_blocks)
    for order in itertools.permutations(positions):
        new_number = {0: 0, 1: 1} | {old + 2: new + 2 for new, old in enumerate(order)}
        blocks = [
            [(new_number[number], name) for number, name in genome.blocks[old].halves]
            for old in order
        ]
        if any(half[0] >= i + 2 for i, halves in enumerate(blocks) for half in halves):
            continue  # A block comes before one it reads.
        for swaps in itertools.product((1, -1), repeat=genome.num_blocks):
            yield Genome(
                tuple(
                    Block(*halves[::swap][0], *halves[::swap][1])
                    for halves, swap in zip(blocks, swaps, strict=True)
                )
            )


def _shuffled(genome, seed):
    """One of the encodings, at random, of a genome too large for all of them."""
    generator = random.Random(seed)
    new_number = {0: 0, 1: 1}
    blocks = []
    while len(blocks) < genome.num_blocks:
        old = generator.randrange(genome.num_blocks)
        halves = list(genome.blocks[old].halves)
        if old + 2 in new_number or any(n not in new_number for n, _ in halves):
            continue
        generator.shuffle(halves)
        (number1, operation1), (number2, operation2) = halves
        blocks.append(
            Block(new_number[number1], operation1, new_number[number2], operation2)
        )
        new_number[old + 2] = len(blocks) + 1
    return Genome(tuple(blocks))


_SETTINGS = hypothesis.settings(deadline=None, derandomize=True, max_examples=200)


class CanonicalFormTest(parameterized.TestCase):
    # Up to four blocks there are at most 4! * 2^4 encodings, which makes brute force
    # possible; one operation makes for many symmetries, five for few.
    @parameterized.parameters((("identity",),), (("identity", "conv3x3"),))
    def test_is_the_smallest_of_all_encodings(self, operations):
        @hypothesis.given(genomes(max_num_blocks=4, operations=operations))
        @_SETTINGS
        def check(genome):
            self.assertEqual(canonical_form(genome), min(_encodings(genome)))

        check()

    def test_is_the_same_for_every_encoding_of_large_cells(self):
        @hypothesis.given(
            genomes(operations=("identity",)), hypothesis.strategies.integers(0, 2**32)
        )
        @_SETTINGS
        def check(genome, seed):
            self.assertEqual(
                canonical_form(genome), canonical_form(_shuffled(genome, seed))
            )

        check()

    def test_there_are_5115_two_block_cells(self):
        halves = list(itertools.product(range(3), PAPER_OPERATIONS))
        canonical = set()
        orbits = set()
        for half1, half2, half3, half4 in itertools.product(halves, repeat=4):
            try:
                genome = Genome((Block(*half1, *half2), Block(*half3, *half4)))
            except InvalidGenomeError:
                continue
            canonical.add(canonical_form(genome))
            orbits.add(min(_encodings(genome)))
        self.assertLen(orbits, 5115)
        self.assertEqual(canonical, orbits)

    def test_tells_reading_one_of_two_equal_blocks_twice_from_reading_both(self):
        twins = (Block(0, "identity", 0, "identity"),) * 2
        one_twice = Genome((*twins, Block(2, "conv3x3", 2, "conv3x3")))
        both = Genome((*twins, Block(2, "conv3x3", 3, "conv3x3")))
        self.assertNotEqual(canonical_form(one_twice), canonical_form(both))

    @parameterized.named_parameters(
        ("all_ten_loose", []),
        ("all_read_in_pairs", [(2, 3), (4, 5), (6, 7)]),
        ("read_in_a_ring", [(2, 3), (3, 4), (4, 5), (5, 2)]),
    )
    def test_many_equal_blocks_do_not_take_forever(self, readers):
        twins = [Block(0, "identity", 0, "identity")] * (10 - len(readers))
        # Two operations, so that a reader's inputs cannot change places.
        blocks = [Block(a, "identity", b, "conv3x3") for a, b in readers]
        genome = Genome((*twins, *blocks))
        # Trying all orders of ten equal blocks would not end within the test's time.
        canonical = canonical_form(genome)
        for seed in range(3):
            self.assertEqual(canonical_form(_shuffled(genome, seed)), canonical)


if __name__ == "__main__":
    absltest.main()
