"""Tests of the table of `scoring_steps`."""

import numpy as np
from absl.testing import absltest
from scipy import stats

from benchmarks import scoring_steps


class ReportTest(absltest.TestCase):
    def test_holds_first_halves_against_the_last_steps_second_half(self):
        generator = np.random.default_rng(0)
        rows = [
            {
                "genome": str(cell),
                "inner_steps": steps,
                "seconds": float(steps),
                "transductive": (cell / 9 + generator.normal(0, 0.3, 8)).tolist(),
            }
            for cell in range(9)
            for steps in scoring_steps.STEPS
        ]

        lines = scoring_steps.report(rows).splitlines()

        self.assertLen(lines, 2 + len(scoring_steps.STEPS))
        for line, steps in zip(lines[2:], scoring_steps.STEPS, strict=True):
            first = [np.mean(r["transductive"][:4]) for r in rows if _of(r, steps)]
            last = [np.mean(r["transductive"][4:]) for r in rows if _of(r, 50)]
            expected = stats.kendalltau(first, last).statistic
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            self.assertEqual(cells[0], str(steps))
            self.assertStartsWith(cells[1], f"{expected:.2f} (")
            self.assertEqual(cells[3:], [f"{steps:.1f}", "9"])


def _of(row, steps):
    return row["inner_steps"] == steps


if __name__ == "__main__":
    absltest.main()
