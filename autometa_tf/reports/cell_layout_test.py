import collections
import itertools
import random

import hypothesis
import numpy as np
from absl.testing import absltest, parameterized
from scipy import optimize

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.reports.cell_layout import (
    BLOCK_WIDTH,
    OUTPUT,
    PASSAGE_WIDTH,
    PORT_DISTANCE,
    closest_with_spaces,
    lay_out_cell,
    width_of,
)
from autometa_tf.testing.genome_strategies import genomes

_SETTINGS = hypothesis.settings(deadline=None, derandomize=True, max_examples=50)

# Of depth 3; block 4 also reads an input and block 2, far below.
_SKIPPING = Genome(
    (
        Block(0, "conv3x3", 1, "identity"),
        Block(2, "conv3x3", 1, "identity"),
        Block(3, "max_pool3x3", 0, "avg_pool3x3"),
    )
)


class CellLayoutTest(parameterized.TestCase):
    def test_ranks_are_depths(self):
        layout = lay_out_cell(_SKIPPING)
        self.assertEqual(layout.ranks, {0: 0, 1: 0, 2: 1, 3: 2, 4: 3, OUTPUT: 4})

    def test_a_value_read_far_up_passes_all_ranks_between(self):
        layout = lay_out_cell(_SKIPPING)
        passages = {
            (edge.source, edge.target): layout.passages(edge) for edge in layout.edges
        }
        self.assertEqual(passages[0, 4], [(0, 0), (0, 1), (0, 2)])
        self.assertEqual(passages[3, 4], [(3, 2)])
        self.assertEqual(passages[4, OUTPUT], [(4, 3)])

    def test_every_half_and_every_loose_block_has_its_edge(self):
        @hypothesis.given(genomes())
        @_SETTINGS
        def check(genome):
            edges = [
                (edge.source, edge.target, edge.operation)
                for edge in lay_out_cell(genome).edges
            ]
            halves = [
                (*half[:1], number, half[1])
                for number, block in enumerate(genome.blocks, start=2)
                for half in block.halves
            ]
            loose = [(number, OUTPUT, "") for number in genome.loose_blocks]
            self.assertCountEqual(edges, halves + loose)

        check()

    def test_nothing_overlaps(self):
        @hypothesis.given(genomes())
        @_SETTINGS
        def check(genome):
            layout = lay_out_cell(genome)
            rows = collections.defaultdict(list)
            for place, center in layout.centers.items():
                width = width_of(place, layout.ranks, len(genome.loose_blocks))
                rows[place[1]].append((center - width / 2, center + width / 2))
            for row in rows.values():
                for (_, right), (left, _) in itertools.pairwise(sorted(row)):
                    self.assertGreater(left - right, 0.3)

        check()

    def test_edges_end_where_they_belong_and_apart(self):
        @hypothesis.given(genomes())
        @_SETTINGS
        def check(genome):
            layout = lay_out_cell(genome)
            num_loose = len(genome.loose_blocks)
            ends = collections.defaultdict(list)
            for edge, port in zip(layout.edges, layout.ports, strict=True):
                place = edge.target, layout.ranks[edge.target]
                distance = abs(port - layout.centers[place])
                width = width_of(place, layout.ranks, num_loose)
                self.assertLess(distance, width / 2)
                ends[edge.target].append(port)
            for ports in ends.values():
                if len(ports) > 1:
                    apart = np.diff(sorted(ports)).min()
                    self.assertGreater(apart, PORT_DISTANCE - 1e-9)

        check()

    def test_the_same_genome_is_laid_out_the_same(self):
        self.assertEqual(lay_out_cell(_SKIPPING), lay_out_cell(_SKIPPING))

    def test_lines_that_need_not_cross_do_not(self):
        # Blocks 2 and 3 on the inputs, 4 on the second and 5 on the first: as they
        # come, the lines to 4 and 5 would cross.
        genome = Genome(
            (
                Block(0, "identity", 0, "identity"),
                Block(1, "identity", 1, "identity"),
                Block(3, "identity", 3, "identity"),
                Block(2, "identity", 2, "identity"),
            )
        )
        centers = lay_out_cell(genome).centers
        self.assertEqual(centers[2, 1] < centers[3, 1], centers[5, 2] < centers[4, 2])
        self.assertEqual(centers[2, 1] < centers[3, 1], centers[0, 0] < centers[1, 0])

    def test_widths(self):
        ranks = {0: 0, 2: 1, OUTPUT: 2}
        self.assertEqual(width_of((2, 1), ranks, 1), BLOCK_WIDTH)
        self.assertEqual(width_of((0, 1), ranks, 1), PASSAGE_WIDTH)
        self.assertGreaterEqual(width_of((OUTPUT, 2), ranks, 9), 9 * PORT_DISTANCE)


class ClosestWithSpacesTest(parameterized.TestCase):
    @parameterized.parameters(
        ([1.0], [], [1.0]),
        ([0.0, 5.0], [2.0], [0.0, 5.0]),
        ([0.0, 1.0], [2.0], [-0.5, 1.5]),
        ([3.0, 0.0], [1.0], [1.0, 2.0]),
        ([0.0, 0.0, 9.0], [2.0, 2.0], [-1.0, 1.0, 9.0]),
    )
    def test_by_hand(self, wanted, spaces, expected):
        np.testing.assert_allclose(closest_with_spaces(wanted, spaces), expected)

    def test_is_what_a_solver_finds(self):
        generator = random.Random(0)
        for _ in range(20):
            size = generator.randint(2, 6)
            wanted = [generator.uniform(0, 5) for _ in range(size)]
            spaces = [generator.uniform(0.5, 2) for _ in range(size - 1)]
            found = closest_with_spaces(wanted, spaces)
            solution = optimize.minimize(
                lambda x, wanted=wanted: np.square(x - wanted).sum(),
                np.cumsum([0, *spaces]),
                constraints={
                    "type": "ineq",
                    "fun": lambda x, spaces=spaces: np.diff(x) - spaces,
                },
            )
            np.testing.assert_allclose(found, solution.x, atol=1e-4)


if __name__ == "__main__":
    absltest.main()
