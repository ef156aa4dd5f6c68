from absl.testing import absltest, parameterized

from autometa_tf.genomes.operation import PAPER_OPERATIONS
from autometa_tf.search.search_config import SearchConfig


class SearchConfigTest(parameterized.TestCase):
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
            SearchConfig(**fields)

    @parameterized.parameters(
        ({"search_strategy": "PNAS"}, "`search_strategy` must be one of pnas, random"),
        ({"scoring_split": "train"}, "`scoring_split` must be one of validation, test"),
        ({"operations": "conv3x3,conv7x7"}, "max_pool3x3, sep_.*: 'conv3x3,conv7x7'"),
        ({"operations": "conv3x3,conv3x3"}, "`operations` must be different ones of"),
        ({"operations": ""}, "`operations` must be different ones of"),
        ({"exploration": -0.1}, "`exploration` must be at least 0 and below 1"),
        ({"exploration": 1.0}, "below 1. Received: 1.0"),
        ({"exploration": float("nan")}, "below 1. Received: nan"),
        ({"ranking_inner_iterations": 0}, "must be at least 1. Received: 0"),
        ({"max_consecutive_failures": 0}, "must be at least 1. Received: 0"),
    )
    def test_refuses_values_that_mean_nothing(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            SearchConfig(**fields)

    def test_operations_are_names_with_commas_between_them(self):
        self.assertEqual(SearchConfig().operation_names, PAPER_OPERATIONS)
        config = SearchConfig(operations="conv1x1, sep_conv3x3")
        self.assertEqual(config.operation_names, ("conv1x1", "sep_conv3x3"))


if __name__ == "__main__":
    absltest.main()
