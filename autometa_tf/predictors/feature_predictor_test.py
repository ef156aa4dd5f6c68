import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.predictors.feature_predictor import (
    FeaturePredictor,
    ridge_coefficients,
)
from autometa_tf.predictors.ranking import ranking_quality
from autometa_tf.testing.fake_evaluator import structure_score

_ONE_BLOCK = one_block_genomes()
_TWO_BLOCKS = expand_beam(_ONE_BLOCK[::5])[::9]


def _scores(genomes):
    return [structure_score(genome, 0) for genome in genomes]


def _predict(genomes, scores, candidates):
    return FeaturePredictor().fit_predict(genomes, scores, candidates)


class FeaturePredictorTest(parameterized.TestCase):
    def test_ranks_cells_it_has_not_seen(self):
        fitted, held_out = _ONE_BLOCK[::2], _ONE_BLOCK[1::2]
        predictions = _predict(fitted, _scores(fitted), held_out)
        quality = ranking_quality(predictions, _scores(held_out))
        self.assertGreater(quality.spearman, 0.8)

    def test_ranks_larger_cells(self):
        predictions = _predict(_ONE_BLOCK, _scores(_ONE_BLOCK), _TWO_BLOCKS)
        quality = ranking_quality(predictions, _scores(_TWO_BLOCKS))
        self.assertGreater(quality.spearman, 0.5)

    def test_order_of_rows_does_not_matter(self):
        order = np.random.default_rng(0).permutation(len(_ONE_BLOCK))
        genomes = [_ONE_BLOCK[i] for i in order]
        np.testing.assert_array_equal(
            _predict(genomes, _scores(genomes), _TWO_BLOCKS),
            _predict(_ONE_BLOCK, _scores(_ONE_BLOCK), _TWO_BLOCKS),
        )

    @parameterized.parameters(1, 2, 9)
    def test_works_with_few_rows(self, num_rows):
        genomes = _ONE_BLOCK[:num_rows]
        predictions = _predict(genomes, _scores(genomes), _TWO_BLOCKS[:7])
        self.assertEqual(predictions.shape, (7,))
        self.assertTrue(((predictions > 0) & (predictions < 1)).all())

    @parameterized.parameters(0.0, 0.5, 1.0)
    def test_equal_scores_are_predicted(self, score):
        predictions = _predict(_ONE_BLOCK, [score] * 55, _TWO_BLOCKS[:7])
        np.testing.assert_allclose(predictions, np.full(7, score), atol=0.01)

    def test_of_nothing(self):
        self.assertEqual(_predict(_ONE_BLOCK, _scores(_ONE_BLOCK), []).shape, (0,))

    def test_coefficients_are_those_of_least_squares_with_the_penalty_as_rows(self):
        generator = np.random.default_rng(1)
        features, targets = generator.normal(size=(20, 4)), generator.normal(size=20)
        # A penalty is the same as a row more for each feature, that wants it to be 0.
        expected, *_ = np.linalg.lstsq(
            np.vstack([features, np.sqrt(3.0) * np.eye(4)]),
            np.concatenate([targets, np.zeros(4)]),
        )
        np.testing.assert_allclose(ridge_coefficients(features, targets, 3.0), expected)


if __name__ == "__main__":
    absltest.main()
