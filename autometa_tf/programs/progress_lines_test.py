import io
import sys
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments.full_training import TrainingProgress
from autometa_tf.programs import progress_lines


def sitting(**changes):
    fields = {
        "num_parallel_episodes": 5,
        "kernels": "avx2",
        "processor": "Z80",
        "tensorflow": "2.21.0",
    }
    return Sitting(**(fields | changes))


class ProgressLinesTest(parameterized.TestCase):
    def test_a_line_stays_one_whatever_a_path_holds(self):
        with mock.patch.object(sys, "stderr", io.StringIO()) as stream:
            progress_lines.say("run directory a\nb é \udcff")
        self.assertEndsWith(stream.getvalue(), " run directory a\\nb é \\udcff\n")

    @parameterized.parameters(
        ("off", "TensorFlow's own operations"), ("avx2", "avx2 kernels")
    )
    def test_a_sitting_tells_what_it_computes_with(self, kernels, expected):
        self.assertEqual(
            progress_lines.sitting_line("candidates", sitting(kernels=kernels)),
            f"candidates: 5 episode(s) side by side, {expected}, on Z80",
        )

    def test_a_change_tells_both_of_what_differs_and_nothing_else(self):
        before = {"kernels": "off", "tensorflow": "2.20.0"}
        self.assertEqual(
            progress_lines.sitting_change_line(sitting(), before),
            "This machine computes with avx2 kernels, TensorFlow 2.21.0, the sitting "
            "before with TensorFlow's own operations, TensorFlow 2.20.0: scores may "
            "differ in the last digits.",
        )

    @parameterized.parameters((None, 1), ({}, 1), ({"processor": "6502"}, 2))
    def test_nothing_is_said_of_what_is_the_same(self, before, num_lines):
        with mock.patch.object(progress_lines, "say") as say:
            progress_lines.say_sitting("full training", sitting(), before)
        self.assertEqual(say.call_count, num_lines)

    def test_a_training_line_tells_what_is_done(self):
        line = progress_lines.training_line(
            TrainingProgress(
                phase="scoring", done=1000, total=10_000, seconds_left=90, value=0.5
            )
        )
        self.assertEqual(
            line, "test episode 1,000/10,000: transductive 50.0% | left: 1m 30s"
        )


if __name__ == "__main__":
    absltest.main()
