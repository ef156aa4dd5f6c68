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
        ("final_inner_learning_rate", 0.0),
        ("final_inner_learning_rate", 0.011),
        ("final_inner_learning_rate", float("nan")),
    )
    def test_refuses_what_cannot_train(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            ReptileConfig(**{field: value})

    def test_names_the_inner_optimizer(self):
        config = ReptileConfig(inner_learning_rate=0.5, inner_beta1=0.25)
        expected = AdamConfig(inner_learning_rate=0.5, inner_beta1=0.25)
        self.assertEqual(config.adam, expected)
        self.assertEqual(config.adam_after(), expected)
        self.assertEqual(config.adam_after(3), expected)

    def test_a_learner_is_scored_with_the_rate_of_its_last_outer_iteration(self):
        config = ReptileConfig(
            inner_learning_rate=0.1,
            final_inner_learning_rate=0.02,
            inner_beta1=0.25,
            outer_iterations=4,
        )
        # 0.06 + 0.04 cos(pi t / 4) of t = 0, 1, 2, 3.
        rates = [0.1, 0.06 + 0.04 * 0.5**0.5, 0.06, 0.06 - 0.04 * 0.5**0.5]
        for done, rate in [(0, rates[0]), *enumerate(rates, start=1), (None, rates[3])]:
            adam = config.adam_after(done)
            self.assertAlmostEqual(adam.inner_learning_rate, rate, places=12)
            self.assertEqual(adam.inner_beta1, 0.25)


if __name__ == "__main__":
    absltest.main()
