import math

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Block, Genome

_GENOME = Genome((Block(0, "identity", 1, "conv3x3"),))


def _evaluation(**fields):
    return Evaluation(
        **{"genome": _GENOME, "seed": 0, "outer_iterations": 1, "score": 0.5} | fields
    )


class EvaluationTest(parameterized.TestCase):
    @parameterized.parameters(0.0, 0.5, 1.0)
    def test_with_a_score_it_succeeded(self, score):
        self.assertTrue(_evaluation(score=score).succeeded)

    def test_with_a_failure_it_did_not_succeed(self):
        self.assertFalse(_evaluation(score=None, failure="out of memory").succeeded)

    def test_its_key_is_what_it_was_made_with(self):
        self.assertEqual(
            _evaluation(seed=3, outer_iterations=40).key,
            EvaluationKey(seed=3, outer_iterations=40),
        )

    @parameterized.parameters(
        {"score": None},
        {"score": 0.5, "failure": "out of memory"},
        {"score": 1.01},
        {"score": -0.1},
        {"score": math.nan},
        {"score_ci95": -0.1},
        {"score_ci95": math.inf},
        {"non_transductive_score": math.nan},
        {"non_transductive_ci95": math.nan},
        {"num_episodes": -1},
        {"score": np.float32(0.5)},
        {"train_seconds": math.nan},
    )
    def test_refuses_contradictions(self, **fields):
        with self.assertRaisesRegex(ValueError, "must .* Received: "):
            _evaluation(**fields)


if __name__ == "__main__":
    absltest.main()
