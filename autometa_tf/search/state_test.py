import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY

_A, _B, _C = one_block_genomes()[:3]
_STAGE = Stage(number=1, genomes=(_A, _B, _C), num_expanded=5, num_distinct=4)


def _evaluation(genome, score):
    return Evaluation(
        genome=genome,
        key=DEFAULT_KEY,
        score=score,
        failure="" if score is not None else "out of memory",
    )


def _state(scores, stages=(_STAGE,)):
    return SearchState(
        stages=stages,
        evaluations={genome: _evaluation(genome, scores[genome]) for genome in scores},
    )


class StageTest(parameterized.TestCase):
    @parameterized.named_parameters(
        ("number", {"number": 0}, "`number`"),
        ("no_genomes", {"genomes": ()}, "`genomes`"),
        ("equal_genomes", {"genomes": (_A, _A)}, "`genomes`"),
        ("unsorted_genomes", {"genomes": (_B, _A)}, "`genomes`"),
        ("more_than_distinct", {"num_distinct": 2}, "3 of 2 of 5"),
        ("more_distinct_than_expanded", {"num_distinct": 6}, "3 of 6 of 5"),
        ("few_predictions", {"predictions": (0.5,)}, "`predictions`"),
        ("nan", {"predictions": (0.5, float("nan"), 0.5)}, "`predictions`"),
    )
    def test_refuses_contradictions(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            dataclasses.replace(_STAGE, **fields)


class SearchStateTest(parameterized.TestCase):
    def test_nothing_is_pending_before_the_first_stage(self):
        self.assertEqual(SearchState().pending, ())

    def test_candidates_without_evaluation_are_pending(self):
        self.assertEqual(_state({_B: None}).pending, (_A, _C))

    def test_only_the_last_stage_is_pending(self):
        last = dataclasses.replace(_STAGE, number=2, genomes=(_C,))
        self.assertEqual(_state({_A: 0.5}, (_STAGE, last)).pending, (_C,))

    def test_refuses_stages_out_of_order(self):
        with self.assertRaisesRegex(ValueError, r"Received: \[2\]"):
            SearchState(stages=(dataclasses.replace(_STAGE, number=2),))

    def test_successes_are_sorted_and_without_failures(self):
        state = _state({_C: 0.1, _B: None, _A: 0.2})
        self.assertEqual([found.genome for found in state.successes], [_A, _C])

    def test_successes_of_a_stage_leave_out_other_stages(self):
        stage = dataclasses.replace(_STAGE, genomes=(_B, _C))
        state = _state({_C: 0.1, _A: 0.2}, (stage,))
        self.assertEqual([found.genome for found in state.successes_of(stage)], [_C])

    @parameterized.named_parameters(
        ("highest_score", {_A: 0.1, _B: 0.3, _C: 0.2}, _B),
        ("first_of_equals", {_C: 0.3, _B: 0.3, _A: 0.1}, _B),
        ("no_failure", {_A: None, _B: 0.0}, _B),
    )
    def test_best(self, scores, expected):
        self.assertEqual(_state(scores).best.genome, expected)

    def test_no_best_without_success(self):
        self.assertIsNone(_state({_A: None}).best)

    def test_prediction_quality_compares_with_what_came_true(self):
        stage = dataclasses.replace(_STAGE, predictions=(0.1, 0.9, 0.3))
        quality = _state({_A: 0.2, _B: None, _C: 0.6}, (stage,)).prediction_quality(
            stage
        )
        self.assertEqual(quality.num_genomes, 2)
        self.assertAlmostEqual(quality.spearman, 1.0)
        self.assertAlmostEqual(quality.mean_absolute_error, (0.1 + 0.3) / 2)

    def test_only_scores_at_the_first_rung_can_be_compared(self):
        stage = dataclasses.replace(_STAGE, predictions=(0.1, 0.9, 0.3))
        state = _state({_A: 0.2, _B: 0.4, _C: 0.3}, (stage,))
        # The first goes on and gains; the second goes on and fails.
        later = dataclasses.replace(DEFAULT_KEY, outer_iterations=2, rung=2)
        for score, genome in ((0.8, _A), (None, _B)):
            found = dataclasses.replace(_evaluation(genome, score), key=later)
            state = state.with_evaluation(found)
        self.assertEqual(state.best.genome, _A)
        for found in (state.comparable(), state.comparable(stage)):
            scores = [(each.genome, each.score) for each in found]
            self.assertEqual(scores, [(_A, 0.2), (_C, 0.3)])
        quality = state.prediction_quality(stage)
        self.assertAlmostEqual(quality.spearman, 1.0)
        self.assertAlmostEqual(quality.mean_absolute_error, 0.05)

    def test_no_prediction_quality_without_predictions(self):
        self.assertIsNone(_state({_A: 0.2}).prediction_quality(_STAGE))


if __name__ == "__main__":
    absltest.main()
