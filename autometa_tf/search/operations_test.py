"""Searches with other operations than the paper's."""

from absl.testing import absltest, parameterized

from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.predictors.feature_predictor import FeaturePredictor
from autometa_tf.search.evolution import EvolutionSearch
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.table_search import run_on_table
from autometa_tf.testing.fake_evaluator import FakeTable

_MAKERS = {
    "pnas": lambda config: PnasSearch(config, FeaturePredictor()),
    "random": lambda config: RandomSearch(config, seed=0),
    "evolution": lambda config: EvolutionSearch(config, seed=0),
}


class OperationsTest(parameterized.TestCase):
    @parameterized.product(
        strategy=tuple(_MAKERS),
        operations=(
            ("conv1x1",),
            ("identity", "sep_conv3x3"),
            tuple(OPERATIONS),
        ),
    )
    def test_cells_are_made_of_the_given_ones(self, strategy, operations):
        config = SearchConfig(
            max_num_blocks=3,
            beam_size=30,
            operations=",".join(operations),
            population_size=20,
        )
        state = run_on_table(_MAKERS[strategy](config), FakeTable()).state
        used = {
            name
            for genome in state.evaluations
            for block in genome.blocks
            for _, name in block.halves
        }
        self.assertEqual(used, set(operations))


if __name__ == "__main__":
    absltest.main()
