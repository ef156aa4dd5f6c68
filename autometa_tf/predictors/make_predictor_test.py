from absl.testing import absltest, parameterized

from autometa_tf.predictors.feature_predictor import FeaturePredictor
from autometa_tf.predictors.lstm_predictor import LstmPredictor
from autometa_tf.predictors.make_predictor import make_predictor
from autometa_tf.predictors.predictor_config import PredictorConfig


class MakePredictorTest(parameterized.TestCase):
    @parameterized.parameters(("features", FeaturePredictor), ("lstm", LstmPredictor))
    def test_makes_the_one_that_is_named(self, name, kind):
        made = make_predictor(PredictorConfig(predictor=name), seed=0)
        self.assertIsInstance(made, kind)


if __name__ == "__main__":
    absltest.main()
