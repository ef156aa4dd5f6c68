import numpy as np
from absl.testing import absltest

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from benchmarks.predictor_quality import (
    SizePredictor,
    at_random,
    by_blocks,
    judge,
    precision_of_best,
)

_ONE = one_block_genomes()[:8]
_TWO = expand_beam(_ONE[:1])[:6]


class _Known:
    """Predicts what it was told, and keeps what it was fitted on."""

    def __init__(self, predictions):
        self.predictions = predictions
        self.fitted = []

    def fit_predict(self, genomes, scores, candidates):
        self.fitted.append((list(genomes), list(scores)))
        return np.array([self.predictions[genome] for genome in candidates])


class PredictorQualityTest(absltest.TestCase):
    def test_by_blocks_never_fits_on_cells_as_large(self):
        fitted, held_out = [(g, 0.5) for g in _ONE + _TWO], [(g, 0.1) for g in _TWO]
        ((before, after),) = by_blocks(fitted, held_out)
        self.assertEqual([genome for genome, _ in before], _ONE)
        self.assertEqual(after, held_out)

    def test_random_divisions_are_divisions(self):
        cells = [(genome, 0.5) for genome in _ONE]
        divisions = list(at_random(cells, 3))
        self.assertLen(divisions, 3)
        for fitted, held_out in divisions:
            self.assertEqual((len(fitted), len(held_out)), (6, 2))
            self.assertCountEqual(fitted + held_out, cells)
        self.assertNotEqual(divisions[0], divisions[1])

    def test_quality_counted_by_hand(self):
        scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
        order = [1, 2, 3, 4, 6, 5]
        known = _Known(dict(zip(_TWO, order, strict=True)))
        fitted = [(genome, 0.5) for genome in _ONE]
        held_out = list(zip(_TWO, scores, strict=True))
        quality = judge(known, iter([(fitted, held_out), (fitted[:3], held_out)]))
        # One swap of neighbours: 1 - 6 * 2 / (6 * 35), and one pair of 15 is wrong. The
        # second division has too few cells to fit on.
        self.assertAlmostEqual(quality.spearman, 1 - 12 / 210)
        self.assertAlmostEqual(quality.kendall, 13 / 15)
        self.assertEqual(quality.precision, 0.0)
        self.assertEqual((quality.num_divisions, quality.num_held_out), (1, 6))
        self.assertLessEqual(quality.low, quality.spearman)
        self.assertGreaterEqual(quality.high, quality.spearman)
        self.assertEqual(known.fitted, [(_ONE, [0.5] * 8)])

    def test_divisions_count_by_their_cells(self):
        known = _Known({genome: i for i, genome in enumerate(_TWO)})
        fitted = [(genome, 0.5) for genome in _ONE]
        right = [(genome, i / 10) for i, genome in enumerate(_TWO)]
        wrong = [(genome, -i / 10) for i, genome in enumerate(_TWO[:3])]
        quality = judge(known, iter([(fitted, right), (fitted, wrong)]))
        self.assertAlmostEqual(quality.spearman, (6 - 3) / 9)

    def test_of_nothing(self):
        quality = judge(_Known({}), iter([]))
        self.assertIsNone(quality.spearman)
        self.assertIsNone(quality.low)

    def test_precision_of_the_best(self):
        predictions, scores = np.array([4, 3, 2, 1]), np.array([0.4, 0.1, 0.3, 0.2])
        self.assertEqual(precision_of_best(predictions, scores, 2), 0.5)
        self.assertEqual(precision_of_best(predictions, scores, 1), 1.0)

    def test_size_needs_no_scores(self):
        small = _ONE[0]
        large = max(_TWO, key=lambda g: sum("conv" in str(b) for b in g.blocks))
        first, second = SizePredictor().fit_predict([], [], [small, large])
        self.assertLess(first, second)


if __name__ == "__main__":
    absltest.main()
