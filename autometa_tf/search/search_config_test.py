from absl.testing import absltest, parameterized

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
        ({"max_consecutive_failures": 0}, "must be at least 1. Received: 0"),
    )
    def test_refuses_values_that_mean_nothing(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            SearchConfig(**fields)


if __name__ == "__main__":
    absltest.main()
