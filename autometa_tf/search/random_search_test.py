import random
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.search import random_cells
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState
from autometa_tf.search.strategy import SearchFailedError
from autometa_tf.search.table_search import run_on_table
from autometa_tf.testing.fake_evaluator import FakeTable


def _suggest(seed=0, **fields):
    return RandomSearch(SearchConfig(**fields), seed).suggest(SearchState())


class RandomSearchTest(parameterized.TestCase):
    def test_trains_as_many_as_pnas(self):
        self.assertLen(_suggest().genomes, 455)

    @parameterized.parameters(1, 2, 3, 5, 10)
    def test_cells_are_canonical_and_of_exactly_the_largest_size(self, num_blocks):
        stage = _suggest(max_num_blocks=num_blocks, beam_size=10)
        for genome in stage.genomes:
            self.assertEqual(genome.num_blocks, num_blocks)
            self.assertEqual(canonical_form(genome), genome)

    def test_of_one_block_is_all_there_are(self):
        stage = _suggest(max_num_blocks=1)
        self.assertEqual(stage.genomes, tuple(one_block_genomes()))

    def test_of_two_blocks_ends_when_it_has_all(self):
        stage = _suggest(max_num_blocks=2, beam_size=10_000)
        self.assertEqual(stage.genomes, tuple(expand_beam(one_block_genomes())))

    def test_depends_on_the_seed_alone(self):
        self.assertEqual(_suggest(seed=1), _suggest(seed=1))
        self.assertNotEqual(_suggest(seed=1), _suggest(seed=2))

    def test_all_operations_and_inputs_are_drawn(self):
        halves = {
            half
            for genome in _suggest().genomes
            for block in genome.blocks
            for half in block.halves
        }
        self.assertLen(halves, (2 + 4) * 5)

    @parameterized.parameters(2, 3)
    def test_cells_that_are_not_admitted_are_never_candidates(self, num_blocks):
        def admits(genome):
            halves = [half for block in genome.blocks for half in block.halves]
            return sum(name == "identity" for _, name in halves) == 1

        config = SearchConfig(max_num_blocks=num_blocks, beam_size=20)
        stage = RandomSearch(config, 0, admits).suggest(SearchState())
        self.assertTrue(all(map(admits, stage.genomes)))
        self.assertLen(stage.genomes, 55 + 20 * (num_blocks - 1))

    def test_it_ends_where_hardly_a_cell_is_left(self):
        def admits(genome):
            halves = [half for block in genome.blocks for half in block.halves]
            return all(name == "identity" for _, name in halves)

        generator = random.Random(0)
        drawn = set(random_cells.random_cells(generator, 2, admits=admits))
        expected = {cell for cell in expand_beam(one_block_genomes()) if admits(cell)}
        self.assertEqual(drawn, expected)

    def test_refuses_where_no_cell_is_admitted(self):
        with mock.patch.object(random_cells, "_MAX_DRAWS_IN_VAIN", 100):
            with self.assertRaisesRegex(SearchFailedError, "within `max_parameters`"):
                strategy = RandomSearch(SearchConfig(), 0, lambda genome: False)
                strategy.suggest(SearchState())

    def test_has_one_stage(self):
        strategy = RandomSearch(SearchConfig(), seed=0)
        (stage,) = run_on_table(strategy, FakeTable()).state.stages
        (plan,) = strategy.plan()
        self.assertEqual((plan.num_candidates, plan.num_blocks), (455, 5))
        self.assertLen(stage.genomes, plan.num_candidates)


if __name__ == "__main__":
    absltest.main()
