from absl.testing import absltest

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.workers.local_evaluator import LocalEvaluator

_GENOMES = one_block_genomes()[:3]


def _evaluate(genome):
    return Evaluation(genome=genome, seed=0, outer_iterations=1, score=0.5)


class LocalEvaluatorTest(absltest.TestCase):
    def test_yields_each_genome_once_in_order(self):
        evaluations = list(LocalEvaluator(_evaluate).evaluate(_GENOMES))
        self.assertEqual([each.genome for each in evaluations], _GENOMES)

    def test_evaluates_only_when_asked_for_the_next(self):
        calls = []

        def evaluate(genome):
            calls.append(genome)
            return _evaluate(genome)

        next(LocalEvaluator(evaluate).evaluate(_GENOMES))
        self.assertEqual(calls, _GENOMES[:1])

    def test_what_is_no_candidates_failure_is_raised(self):
        def evaluate(genome):
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            list(LocalEvaluator(evaluate).evaluate(_GENOMES))


if __name__ == "__main__":
    absltest.main()
