from absl.testing import absltest, parameterized

from autometa_tf.learners.scoring_config import ScoringConfig


class ScoringConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("inner_iterations", "scoring_inner_iterations", 0),
        ("inner_batch_size", "scoring_inner_batch_size", 0),
        ("num_episodes", "num_scoring_episodes", 1),
    )
    def test_refuses_a_configuration_without_a_score(self, field, flag, value):
        with self.assertRaisesRegex(ValueError, f"`{flag}` must be .*: {value}"):
            ScoringConfig(**{field: value})


if __name__ == "__main__":
    absltest.main()
