import random
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.predictors import lstm_predictor
from autometa_tf.predictors.lstm_predictor import LstmPredictor
from autometa_tf.predictors.predictor_config import PredictorConfig
from autometa_tf.predictors.ranking import ranking_quality
from autometa_tf.testing.fake_evaluator import structure_score

_ONE_BLOCK = one_block_genomes()
_TWO_BLOCKS = random.Random(0).sample(expand_beam(_ONE_BLOCK), 300)


def _scores(genomes):
    return [structure_score(genome, seed=0) for genome in genomes]


def _predict(genomes, scores, candidates, *, ensemble_size=5, seed=0):
    config = PredictorConfig(
        predictor_cell_size=16, predictor_ensemble_size=ensemble_size
    )
    with mock.patch.object(lstm_predictor, "NUM_UPDATES", 4):
        return LstmPredictor(config, seed).fit_predict(genomes, scores, candidates)


class LstmPredictorTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As the driver of a search does, for the same answer every time.
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)

    def test_learns_which_unseen_larger_cells_are_good(self):
        fitted_on = _ONE_BLOCK + _TWO_BLOCKS[:60]
        held_out = _TWO_BLOCKS[60:]
        predictions = LstmPredictor(PredictorConfig(), 0).fit_predict(
            fitted_on, _scores(fitted_on), held_out
        )
        quality = ranking_quality(predictions, _scores(held_out))
        self.assertGreater(quality.spearman, 0.6)

    def test_same_arguments_same_answer(self):
        arguments = _ONE_BLOCK, _scores(_ONE_BLOCK), _TWO_BLOCKS
        self.assertAllEqual(_predict(*arguments), _predict(*arguments))

    def test_order_of_rows_does_not_matter(self):
        order = np.random.default_rng(0).permutation(len(_ONE_BLOCK))
        genomes = [_ONE_BLOCK[i] for i in order]
        self.assertAllEqual(
            _predict(genomes, _scores(genomes), _TWO_BLOCKS),
            _predict(_ONE_BLOCK, _scores(_ONE_BLOCK), _TWO_BLOCKS),
        )

    def test_seed_matters(self):
        arguments = _ONE_BLOCK, _scores(_ONE_BLOCK), _TWO_BLOCKS
        self.assertNotAllClose(
            _predict(*arguments, seed=1), _predict(*arguments, seed=2)
        )

    @parameterized.parameters((0.97, 0.01), (0.2, 0.6))
    def test_predictions_lie_where_the_scores_do(self, lowest, span):
        scores = [lowest + span * score for score in _scores(_ONE_BLOCK)]
        predictions = _predict(_ONE_BLOCK, scores, _TWO_BLOCKS)
        self.assertAllInRange(predictions, lowest - span, min(lowest + 2 * span, 1))

    @parameterized.parameters((1, 1), (1, 5), (3, 5), (9, 1))
    def test_works_with_few_rows(self, num_rows, ensemble_size):
        genomes = _ONE_BLOCK[:num_rows]
        predictions = _predict(
            genomes, _scores(genomes), _TWO_BLOCKS[:7], ensemble_size=ensemble_size
        )
        self.assertEqual(predictions.shape, (7,))
        self.assertAllInRange(predictions, 0, 1)

    @parameterized.parameters(0.0, 0.5, 1.0)
    def test_equal_scores_are_predicted(self, score):
        predictions = _predict(_ONE_BLOCK, [score] * 55, _TWO_BLOCKS[:7])
        self.assertAllClose(predictions, np.full(7, score), atol=0.01)


if __name__ == "__main__":
    tf.test.main()
