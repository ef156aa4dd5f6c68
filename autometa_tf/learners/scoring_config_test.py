from absl.testing import absltest, parameterized

from autometa_tf.learners.scoring_config import ScoringConfig


class ScoringConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("scoring_inner_iterations", 0),
        ("scoring_inner_batch_size", 0),
        ("num_scoring_episodes", 1),
    )
    def test_refuses_a_configuration_without_a_score(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*: {value}"):
            ScoringConfig(**{field: value})


if __name__ == "__main__":
    absltest.main()
