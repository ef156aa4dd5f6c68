from absl.testing import absltest

from autometa_tf.reports.pareto import pareto_set
from autometa_tf.testing import fake_run


class ParetoTest(absltest.TestCase):
    def test_the_pareto_set_is_what_no_other_beats(self):
        found = [each for each in fake_run.EVALUATIONS if each.succeeded]
        expected = [
            each
            for each in found
            if not any(
                other.num_parameters <= each.num_parameters
                and other.score >= each.score
                and other != each
                for other in found
            )
        ]
        expected.sort(key=lambda each: each.num_parameters)
        self.assertEqual(pareto_set(fake_run.EVALUATIONS), expected)
        self.assertLen(expected, 3)


if __name__ == "__main__":
    absltest.main()
