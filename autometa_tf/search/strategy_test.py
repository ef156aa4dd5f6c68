from absl.testing import absltest, parameterized

from autometa_tf.search.strategy import StrategyConfig, plan_progressive_search


def _sizes(**fields):
    plan = plan_progressive_search(StrategyConfig(**fields))
    return [stage.num_candidates for stage in plan]


class StrategyConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        {"max_num_blocks": 0},
        {"max_num_blocks": 11},
        {"beam_size": 0},
        {"beam_size": -1},
        {"beam_size": 10_001},
    )
    def test_refuses_what_cannot_be_searched(self, **fields):
        (name,) = fields
        with self.assertRaisesRegex(ValueError, f"`{name}` must be 1 to"):
            StrategyConfig(**fields)


class PlanTest(absltest.TestCase):
    def test_the_papers_search_trains_455(self):
        self.assertEqual(_sizes(), [55, 100, 100, 100, 100])

    def test_of_one_block(self):
        self.assertEqual(_sizes(max_num_blocks=1, beam_size=4), [55])

    def test_a_beam_cannot_hold_more_than_there_is(self):
        self.assertEqual(_sizes(max_num_blocks=2, beam_size=10_000), [55, 55 * 120])


if __name__ == "__main__":
    absltest.main()
