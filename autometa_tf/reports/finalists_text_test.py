import dataclasses
import math

from absl.testing import absltest, parameterized

from autometa_tf.reports.finalists_text import choice_line, lead_over, ranked_finalists
from autometa_tf.search.state import SearchState
from autometa_tf.testing import fake_run


def _finalist(number, score, ci95=0.01):
    return dataclasses.replace(
        fake_run.EVALUATIONS[number],
        key=fake_run.FINALIST_KEY,
        score=score,
        score_ci95=ci95,
    )


class FinalistsTextTest(parameterized.TestCase):
    def test_best_first_and_failures_not_at_all(self):
        failed = dataclasses.replace(fake_run.EVALUATIONS[2], key=fake_run.FINALIST_KEY)
        found = [_finalist(0, 0.5), failed, _finalist(1, 0.7)]
        state = SearchState(finalists={each.genome: each for each in found})
        self.assertEqual(ranked_finalists(state), [found[2], found[0]])

    def test_a_lead_has_the_interval_of_a_difference(self):
        lead, ci95 = lead_over(_finalist(0, 0.9, 0.03), _finalist(1, 0.8, 0.04))
        self.assertAlmostEqual(lead, 0.1)
        self.assertAlmostEqual(ci95, math.sqrt(0.03**2 + 0.04**2))

    @parameterized.parameters(
        ((0.9, 0.8), "10.0±1.4 points ahead of the next: better than every other"),
        ((0.9, 0.89), "1.0±1.4 points ahead of the next: 1 other finalist of 1 may be"),
        ((0.9, 0.89, 0.5), ": 1 other finalist of 2 may be as good or better"),
        ((0.9, 0.9, 0.89), "0.0±1.4 points .*: 2 other finalists of 2 may be as good"),
    )
    def test_how_sure_the_choice_is(self, scores, expected):
        numbers = (0, 1, 3)  # The third of these failed.
        finalists = [
            _finalist(number, score)
            for number, score in zip(numbers, scores, strict=False)
        ]
        self.assertRegex(choice_line(finalists), expected)


if __name__ == "__main__":
    absltest.main()
