import io
import sys
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments.full_training import TrainingProgress
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.programs import progress_lines
from autometa_tf.search.progress import Progress

GENOME = Genome((Block(0, "identity", 1, "conv3x3"),))


def evaluation(**changes):
    fields = {"genome": GENOME, "seed": 0, "outer_iterations": 1, "score": 0.934}
    return Evaluation(**(fields | changes))


def sitting(**changes):
    fields = {
        "num_parallel_episodes": 5,
        "kernels": "avx2",
        "processor": "Z80",
        "tensorflow": "2.21.0",
    }
    return Sitting(**(fields | changes))


def progress(**changes):
    fields = {
        "stage": 2,
        "num_stages": 5,
        "stage_done": 3,
        "stage_total": 100,
        "search_done": 58,
        "search_total": 455,
        "num_failures": 0,
        "best": evaluation(score=0.95),
        "latest": evaluation(score_ci95=0.012),
        "stage_seconds_left": 61.0,
        "search_seconds_left": 7260.0,
    }
    return Progress(**(fields | changes))


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

    @parameterized.parameters(
        (None, "?"),
        (0.4, "0s"),
        (59.4, "59s"),
        (60, "1m 00s"),
        (3599.6, "1h 00m"),
        (7500, "2h 05m"),
        (100 * 3600, "4d 04h"),
    )
    def test_durations_have_two_units_at_most(self, seconds, text):
        self.assertEqual(progress_lines.duration(seconds), text)

    def test_a_search_line_tells_score_best_and_time_left(self):
        self.assertEqual(
            progress_lines.search_line(progress()),
            f"stage 2/5, candidate 3/100: 93.4±1.2% {GENOME} | best 95.0% | "
            "left: stage 1m 01s, search 2h 01m",
        )

    def test_a_failed_candidate_is_told_with_its_reason(self):
        failed = evaluation(score=None, failure="DivergedError: not finite")
        line = progress_lines.search_line(progress(latest=failed))
        self.assertIn("candidate 3/100: failed (DivergedError: not finite)", line)

    def test_a_stage_begins_or_goes_on(self):
        first = progress(latest=None, stage_done=0, best=None)
        self.assertIn(
            "candidate 0/100 begins | left", progress_lines.search_line(first)
        )
        resumed = progress(latest=None)
        self.assertIn("candidate 3/100 goes on", progress_lines.search_line(resumed))

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
