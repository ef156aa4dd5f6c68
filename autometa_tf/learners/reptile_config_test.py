from absl.testing import absltest, parameterized

from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.reptile_config import ReptileConfig


class ReptileConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("inner_iterations", 0),
        ("inner_batch_size", -1),
        ("meta_batch_size", 0),
        ("meta_batch_size", 2**20),
        ("outer_iterations", 0),
        ("outer_step_size", 0.0),
        ("outer_step_size", float("nan")),
        ("inner_learning_rate", -0.1),
        ("inner_beta1", 1.0),
    )
    def test_refuses_what_cannot_train(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            ReptileConfig(**{field: value})

    def test_names_the_inner_optimizer(self):
        config = ReptileConfig(inner_learning_rate=0.5, inner_beta1=0.25)
        expected = AdamConfig(inner_learning_rate=0.5, inner_beta1=0.25)
        self.assertEqual(config.adam, expected)


if __name__ == "__main__":
    absltest.main()
