import time

from absl.testing import absltest, parameterized

from autometa_tf.experiments.begun_with import TIME_FORMAT
from autometa_tf.experiments.sittings import with_sitting
from autometa_tf.testing.fake_run import sitting


class SittingsTest(parameterized.TestCase):
    """What each sitting computed with is kept."""

    def test_each_is_kept_with_what_it_had(self):
        sittings, _ = with_sitting([], "candidate", sitting())
        other = sitting(num_parallel_episodes=3)
        (first, second), _ = with_sitting(sittings, "final", other)
        begun = time.strptime(first.pop("begun"), TIME_FORMAT)
        self.assertEqual(begun.tm_year, time.gmtime().tm_year)
        self.assertEqual(
            first,
            {
                "part": "candidate",
                "num_parallel_episodes": 5,
                "kernels": "avx2",
                "processor": "Z80",
                "tensorflow": "2.21.0",
            },
        )
        self.assertEqual(second["part"], "final")
        self.assertEqual(second["num_parallel_episodes"], 3)

    def test_what_differs_from_the_sitting_before_is_told(self):
        other = sitting(kernels="avx512", processor="6502")
        sittings, told = [], []
        for part, now in (
            ("candidate", sitting()),
            ("final", sitting()),
            ("candidate", other),
            ("candidate", other),
        ):
            sittings, before = with_sitting(sittings, part, now)
            told.append(before)
        expected = {"kernels": "avx2", "processor": "Z80"}
        self.assertEqual(told, [None, None, expected, {}])


if __name__ == "__main__":
    absltest.main()
