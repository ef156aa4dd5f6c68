from absl.testing import absltest, parameterized

from autometa_tf.predictors.lstm_predictor_config import LstmPredictorConfig


class LstmPredictorConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        "num_units", "num_layers", "embedding_size", "ensemble_size", "num_updates"
    )
    def test_refuses_sizes_below_one(self, name):
        with self.assertRaisesRegex(ValueError, f"`{name}` must be positive"):
            LstmPredictorConfig(**{name: 0})

    @parameterized.parameters(0.0, -0.1, float("nan"))
    def test_refuses_learning_rates(self, learning_rate):
        with self.assertRaisesRegex(ValueError, "`learning_rate` must be positive"):
            LstmPredictorConfig(learning_rate=learning_rate)


if __name__ == "__main__":
    absltest.main()
