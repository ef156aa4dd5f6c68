import numpy as np
from absl.testing import absltest

from benchmarks import phases
from benchmarks.measurement import CHANNELS_LAST, KERNELS, PLAIN_KERAS, Measurement
from benchmarks.meta_training_report import report

_SHARES = dict.fromkeys(phases.PHASES, 1 / 7)


def _measurement(seconds, **changes):
    fields = {
        "title": "net",
        "num_parallel_episodes": {KERNELS: 5, CHANNELS_LAST: 5},
        "seconds": {path: np.array(pair) for path, pair in seconds.items()},
        "starts": {path: np.array([1.0, np.nan]) for path in seconds},
        "operations": 10**9,
        "product_rate": np.array([1e11, np.nan]),
        "shares": {KERNELS: _SHARES, CHANNELS_LAST: _SHARES},
    }
    return Measurement(**(fields | changes))


def _row(text: str, table: int) -> list[str]:
    """Of the network, in the table of that number."""
    lines = [line for line in text.splitlines() if line.startswith("| net |")]
    return lines[table].strip("| ").split(" | ")


class MetaTrainingReportTest(absltest.TestCase):
    def test_medians_and_ratios(self):
        text = report(
            [
                _measurement(
                    {
                        KERNELS: (0.02, np.nan),
                        CHANNELS_LAST: (0.05, np.nan),
                        PLAIN_KERAS: (0.12, np.nan),
                    }
                )
            ]
        )
        self.assertEqual(
            _row(text, 0), ["net", "5", "20", "50", "120", "6.00", "2.50", "2.40"]
        )
        self.assertEqual(
            _row(text, 1),
            ["net", "1.00", "100", "50", "20", "8", "50%", "20%", "8%"],
        )
        self.assertNotIn("[", text)

    def test_without_kernels_the_rest_is_printed(self):
        text = report(
            [
                _measurement(
                    {CHANNELS_LAST: (0.05, 0.05), PLAIN_KERAS: (0.1, 0.1)},
                    num_parallel_episodes={CHANNELS_LAST: 1},
                    shares={},
                )
            ]
        )
        self.assertEqual(
            _row(text, 0), ["net", "1", "–", "50", "100", "–", "–", "2.00"]
        )
        self.assertIn("no shares of phases", text)

    def test_a_busy_machine_is_told(self):
        text = report([_measurement({KERNELS: (0.02, 0.01)})])
        self.assertEqual(_row(text, 0)[2], "20 [10]")
        self.assertIn("others used the machine", text)

    def test_kernels_have_no_share_of_normalisation(self):
        text = report([_measurement({KERNELS: (0.02, 0.02)})])
        where = 2 + phases.PHASES.index(phases.NORMALIZATION)
        self.assertEqual(_row(text, 3)[where], "–")
        self.assertEqual(_row(text, 4)[where], "14.3%")


if __name__ == "__main__":
    absltest.main()
