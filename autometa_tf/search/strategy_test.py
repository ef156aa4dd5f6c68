from absl.testing import absltest

from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.strategy import plan_progressive_search


def _sizes(**fields):
    plan = plan_progressive_search(SearchConfig(**fields))
    return [stage.num_candidates for stage in plan]


class PlanTest(absltest.TestCase):
    def test_the_papers_search_trains_455(self):
        self.assertEqual(_sizes(), [55, 100, 100, 100, 100])

    def test_of_one_block(self):
        self.assertEqual(_sizes(max_num_blocks=1, beam_size=4), [55])

    def test_a_beam_cannot_hold_more_than_there_is(self):
        self.assertEqual(_sizes(max_num_blocks=2, beam_size=10_000), [55, 55 * 120])


if __name__ == "__main__":
    absltest.main()
