from absl.testing import absltest

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.throughput import Throughput
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY

_ONE = one_block_genomes()[0]
_TWO = expand_beam([_ONE])[0]


def _seen(*evaluations):
    seen = Throughput()
    for genome, fields in evaluations:
        found = Evaluation(genome=genome, key=DEFAULT_KEY, score=0.5, **fields)
        seen.add(found, plan_without_rungs(DEFAULT_KEY))
    return seen


class ThroughputTest(absltest.TestCase):
    def test_training_takes_as_long_as_there_is_work_and_all_else_as_there_are(self):
        seen = _seen(
            (
                _ONE,
                {"build_seconds": 1.0, "train_seconds": 4.0, "scoring_seconds": 1.0},
            ),
            (
                _TWO,
                {"build_seconds": 2.0, "train_seconds": 6.0, "scoring_seconds": 2.0},
            ),
        )
        # 16 s, of which an evaluation takes 3 s and a block, or what is around, 2.
        self.assertAlmostEqual(seen.times_longer(10, 30.0), (10 * 3 + 30 * 2) / 16)
        self.assertEqual(seen.times_longer(0, 0.0), 0.0)

    def test_without_seconds_work_alone_counts(self):
        seen = _seen((_ONE, {}), (_TWO, {}))
        self.assertAlmostEqual(seen.times_longer(10, 30.0), 30 / 5)


if __name__ == "__main__":
    absltest.main()
