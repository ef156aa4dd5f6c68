from absl.testing import absltest, parameterized

from autometa_tf.learners.adam_config import AdamConfig


class AdamConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("inner_learning_rate", 0.0),
        ("inner_learning_rate", float("nan")),
        ("inner_beta1", 1.0),
    )
    def test_refuses_what_cannot_learn(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*{value}"):
            AdamConfig(**{field: value})


if __name__ == "__main__":
    absltest.main()
