from absl.testing import absltest, parameterized

from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.scoring_config import ScoringConfig, balanced_batch_size


class ScoringConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("scoring_inner_iterations", 0),
        ("scoring_support_passes", -1),
        ("scoring_inner_batch_size", 0),
        ("num_scoring_episodes", 1),
        ("queries_per_class", 0),
        ("scoring_inner_learning_rate", 0.0),
        ("scoring_inner_learning_rate", float("inf")),
    )
    def test_refuses_a_configuration_without_a_score(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*: {value}"):
            ScoringConfig(**{field: value})

    def test_the_learning_rate_is_that_of_training_where_none_is_given(self):
        training = AdamConfig(inner_learning_rate=0.02, inner_beta1=0.9)
        self.assertEqual(ScoringConfig().adam(training), training)
        self.assertEqual(
            ScoringConfig(scoring_inner_learning_rate=0.001).adam(training),
            AdamConfig(inner_learning_rate=0.001, inner_beta1=0.9),
        )

    # Passes, images, images of a batch, iterations.
    @parameterized.parameters(
        (0, 1000, 15, 20),
        (8, 25, 15, 20),
        (8, 37, 15, 20),
        (8, 38, 15, 21),
        (8, 100, 15, 54),
        (1, 1000, 15, 67),
    )
    def test_a_large_support_set_is_gone_through_so_often(
        self, passes, images, size, expected
    ):
        config = ScoringConfig(
            scoring_inner_iterations=20,
            scoring_inner_batch_size=size,
            scoring_support_passes=passes,
        )
        self.assertEqual(config.num_inner_iterations(images), expected)

    @parameterized.parameters((5, 5, 5), (5, 2, 6), (5, 3, 6), (5, 12, 12), (10, 4, 12))
    def test_a_balanced_batch_is_a_multiple_of_the_classes(self, least, ways, size):
        self.assertEqual(balanced_batch_size(least, ways), size)


if __name__ == "__main__":
    absltest.main()
