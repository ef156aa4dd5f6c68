import numpy as np
from absl.testing import absltest

from autometa_tf.predictors.logits import logit, sigmoid


class LogitsTest(absltest.TestCase):
    def test_of_known_scores(self):
        np.testing.assert_allclose(
            logit(np.array([0.5, 0.8, 0.1])), [0, np.log(4), -np.log(9)]
        )

    def test_there_and_back(self):
        scores = np.array([0.001, 0.3, 0.97])
        np.testing.assert_allclose(sigmoid(logit(scores)), scores)

    def test_extremes_are_moved_a_little(self):
        np.testing.assert_allclose(sigmoid(logit(np.array([0, 1]))), [0.001, 0.999])


if __name__ == "__main__":
    absltest.main()
