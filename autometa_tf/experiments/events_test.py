from absl.testing import absltest, parameterized

from autometa_tf.experiments.events import Message, SittingBegun, TrainingProgress
from autometa_tf.testing.fake_run import sitting


class EventsTest(parameterized.TestCase):
    def test_a_message_stays_one_line_whatever_a_path_holds(self):
        self.assertEqual(str(Message("folder a\nb é \udcff")), "folder a\\nb é \\udcff")

    @parameterized.parameters(
        ("off", "TensorFlow's own operations"), ("avx2", "avx2 kernels")
    )
    def test_a_sitting_tells_what_it_computes_with(self, kernels, expected):
        event = SittingBegun(what="candidates", sitting=sitting(kernels=kernels))
        self.assertEqual(
            str(event), f"candidates: 5 episode(s) side by side, {expected}, on Z80"
        )

    def test_a_change_tells_both_of_what_differs_and_nothing_else(self):
        before = {"kernels": "off", "tensorflow": "2.20.0"}
        event = SittingBegun(what="candidates", sitting=sitting(), before=before)
        self.assertEqual(
            str(event).split("\n")[1],
            "This machine computes with avx2 kernels, TensorFlow 2.21.0, the sitting "
            "before with TensorFlow's own operations, TensorFlow 2.20.0: scores may "
            "differ in the last digits.",
        )

    @parameterized.parameters((None, 1), ({}, 1), ({"processor": "6502"}, 2))
    def test_nothing_is_said_of_what_is_the_same(self, before, num_lines):
        event = SittingBegun(what="full training", sitting=sitting(), before=before)
        self.assertLen(str(event).split("\n"), num_lines)

    @parameterized.parameters(
        (
            "pretraining",
            0.5,
            "pre-training batch 1,000/2,000: loss 0.500 | left: 1m 01s",
        ),
        ("training", 0.5, "outer iteration 1,000/2,000: loss 0.500 | left: 1m 01s"),
        (
            "scoring",
            0.934,
            "test episode 1,000/2,000: transductive 93.4% | left: 1m 01s",
        ),
    )
    def test_a_training_tells_how_far_it_is(self, phase, value, expected):
        event = TrainingProgress(
            phase=phase, done=1000, total=2000, seconds_left=61.0, value=value
        )
        self.assertEqual(str(event), expected)


if __name__ == "__main__":
    absltest.main()
