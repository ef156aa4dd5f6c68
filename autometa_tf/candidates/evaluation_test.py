import dataclasses
import math

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.genome import Block, Genome

_GENOME = Genome((Block(0, "identity", 1, "conv3x3"),))

_KEY = EvaluationKey(seed=3, outer_iterations=40, rung=40, num_episodes=2)


def _evaluation(**fields):
    return Evaluation(**{"genome": _GENOME, "key": _KEY, "score": 0.5} | fields)


class EvaluationKeyTest(parameterized.TestCase):
    def test_the_last_rung_is_where_the_training_ends(self):
        self.assertTrue(_KEY.is_last)
        self.assertFalse(dataclasses.replace(_KEY, rung=39).is_last)

    @parameterized.parameters(
        {"rung": 0}, {"rung": 41}, {"outer_iterations": 0}, {"num_episodes": 1}
    )
    def test_refuses_numbers_out_of_range(self, **fields):
        with self.assertRaisesRegex(ValueError, "must be .* Received: "):
            dataclasses.replace(_KEY, **fields)


class EvaluationTest(parameterized.TestCase):
    @parameterized.parameters(0.0, 0.5, 1.0)
    def test_with_a_score_it_succeeded(self, score):
        self.assertTrue(_evaluation(score=score).succeeded)

    def test_with_a_failure_it_did_not_succeed(self):
        self.assertFalse(_evaluation(score=None, failure="out of memory").succeeded)

    def test_a_learner_makes_no_difference(self):
        self.assertEqual(_evaluation(learner=b"theta"), _evaluation())

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
        {"score": np.float32(0.5)},
        {"train_seconds": math.nan},
    )
    def test_refuses_contradictions(self, **fields):
        with self.assertRaisesRegex(ValueError, "must .* Received: "):
            _evaluation(**fields)


if __name__ == "__main__":
    absltest.main()
