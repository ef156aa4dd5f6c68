import collections
import random

from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.exploration import chosen_cells, drawn_at_random
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import Stage


def _choose(predictions, seed=0, **fields):
    return chosen_cells(predictions, SearchConfig(**fields), random.Random(seed))


class ExplorationTest(parameterized.TestCase):
    def test_without_it_the_best_are_chosen_and_of_equal_ones_the_first(self):
        predictions = [0.1, 0.5, 0.9, 0.5, 0.5]
        self.assertEqual(_choose(predictions, beam_size=3), [1, 2, 3])

    @parameterized.parameters((0.0, 8), (0.1, 8), (0.25, 6), (0.5, 4), (0.99, 1))
    def test_so_many_are_the_best(self, exploration, num_best):
        predictions = [index / 100 for index in range(100)]
        chosen = _choose(predictions, beam_size=8, exploration=exploration)
        self.assertLen(set(chosen), 8)
        self.assertEqual(chosen, sorted(chosen))
        self.assertEqual(
            chosen[8 - num_best :],
            list(range(100 - num_best, 100)),
        )
        if num_best < 8:  # Two of the others would be the next best by a rare chance.
            self.assertLess(chosen[0], 100 - 8)

    def test_the_others_are_drawn_with_equal_chances(self):
        counts = collections.Counter()
        for seed in range(2000):
            chosen = _choose(range(12), seed, beam_size=4, exploration=0.5)
            counts.update(chosen)
        self.assertEqual((counts[11], counts[10]), (2000, 2000))
        for index in range(10):  # 400 expected, with a standard deviation of 18.
            self.assertBetween(counts[index], 320, 480)

    def test_all_are_chosen_where_there_are_no_more(self):
        for size in (3, 4, 5):
            chosen = _choose(range(size), beam_size=5, exploration=0.5)
            self.assertEqual(chosen, list(range(size)))

    @parameterized.parameters(0.0, 0.3, 0.6)
    def test_tells_later_which_were_drawn(self, exploration):
        cells = one_block_genomes()
        # Many predictions are equal, on both sides of the border.
        predictions = [index % 4 / 4 for index in range(len(cells))]
        config = SearchConfig(beam_size=20, exploration=exploration)
        chosen = chosen_cells(predictions, config, random.Random(1))
        stage = Stage(
            number=2,
            genomes=tuple(cells[index] for index in chosen),
            predictions=tuple(predictions[index] for index in chosen),
            num_expanded=len(cells),
            num_distinct=len(cells),
        )
        num_best = 20 - int(20 * exploration)
        best = chosen_cells(
            predictions, SearchConfig(beam_size=num_best), random.Random(2)
        )
        drawn = drawn_at_random(stage, config)
        self.assertLen(drawn, 20 - num_best)
        self.assertCountEqual(drawn + [cells[index] for index in best], stage.genomes)

    def test_nothing_is_drawn_where_nothing_was_predicted(self):
        cells = tuple(one_block_genomes()[:3])
        stage = Stage(number=1, genomes=cells, num_expanded=3, num_distinct=3)
        config = SearchConfig(beam_size=2, exploration=0.5)
        self.assertEqual(drawn_at_random(stage, config), [])


if __name__ == "__main__":
    absltest.main()
