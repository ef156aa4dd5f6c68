from absl.testing import absltest, parameterized

from autometa_tf.predictors.predictor_config import PredictorConfig


class PredictorConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        "predictor_cell_size", "predictor_num_layers", "predictor_ensemble_size"
    )
    def test_refuses_sizes_below_one(self, name):
        with self.assertRaisesRegex(ValueError, f"`{name}` must be at least 1"):
            PredictorConfig(**{name: 0})

    def test_refuses_unknown_predictors(self):
        with self.assertRaisesRegex(ValueError, "one of lstm, features. .* 'oracle'"):
            PredictorConfig(predictor="oracle")


if __name__ == "__main__":
    absltest.main()
