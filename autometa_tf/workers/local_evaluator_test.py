from absl.testing import absltest

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.testing.fake_evaluator import requests
from autometa_tf.workers.local_evaluator import LocalEvaluator

_GENOMES = one_block_genomes()[:3]


def _evaluate(request):
    return Evaluation(genome=request.genome, key=request.key, score=0.5)


class LocalEvaluatorTest(absltest.TestCase):
    def test_yields_each_genome_once_in_order(self):
        evaluations = list(LocalEvaluator(_evaluate).evaluate(requests(_GENOMES)))
        self.assertEqual([each.genome for each in evaluations], _GENOMES)

    def test_evaluates_only_when_asked_for_the_next(self):
        calls = []

        def evaluate(request):
            calls.append(request.genome)
            return _evaluate(request)

        next(LocalEvaluator(evaluate).evaluate(requests(_GENOMES)))
        self.assertEqual(calls, _GENOMES[:1])

    def test_evaluates_what_is_added_meanwhile(self):
        waiting = requests(_GENOMES[:1])
        evaluations = LocalEvaluator(_evaluate).evaluate(waiting)
        next(evaluations)
        waiting.extend(requests(_GENOMES[1:]))
        self.assertEqual([each.genome for each in evaluations], _GENOMES[1:])

    def test_what_is_no_candidates_failure_is_raised(self):
        def evaluate(request):
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            list(LocalEvaluator(evaluate).evaluate(requests(_GENOMES)))


if __name__ == "__main__":
    absltest.main()
