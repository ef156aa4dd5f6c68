import dataclasses
import io

from absl.testing import absltest
from rich.console import Console

from autometa_tf.experiments.events import TrainingProgress
from autometa_tf.programs.progress_panels import Rate, SearchPanel, TrainingPanel
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.progress import ProgressMeter
from autometa_tf.search.state import SearchState
from autometa_tf.search.strategy import StagePlan
from autometa_tf.testing import fake_run


class _Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def _drawn(panel) -> list[str]:
    console = Console(file=io.StringIO(), width=120, height=40)
    console.print(panel)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


class RateTest(absltest.TestCase):
    def test_only_what_was_seen_being_done_counts(self):
        clock = _Clock()
        rate = Rate(clock)
        rate.add("search", 40)  # Done by an earlier sitting.
        self.assertIsNone(rate.per_second)
        clock.seconds += 4
        rate.add("search", 50)
        self.assertEqual(rate.per_second, 2.5)
        rate.add("scoring", 1)
        self.assertIsNone(rate.per_second)


class SearchPanelTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.clock = _Clock()
        self.panel = SearchPanel(self.clock)
        plan = plan_without_rungs(fake_run.KEY)
        stages = [
            StagePlan(num_candidates=n, num_blocks=b) for b, n in ((1, 4), (2, 3))
        ]
        self.meter = ProgressMeter(stages, plan, self.clock)

    def evaluate(self, number_of_stages, evaluations, before=()):
        state = SearchState(
            stages=fake_run.STAGES[:number_of_stages],
            evaluations={found.genome: found for found in before},
        )
        self.panel.add(self.meter.begin_stage(state))
        for found in evaluations:
            self.clock.seconds += 10
            self.panel.add(self.meter.add(found))

    def test_a_stage_its_rate_and_the_best_cells(self):
        self.evaluate(1, fake_run.EVALUATIONS[:3])
        self.panel.add(dataclasses.replace(self.panel.progress, num_running=1))
        lines = _drawn(self.panel)
        self.assertRegex(lines[0], r"^stage 1/2 .* 3/4 left: 10s \| 1 running$")
        # 3 in 30 seconds, a good half of it for training; 1 of one block is left here, and
        # later 3 of two, whose training takes half as long again.
        self.assertRegex(lines[1], r"^search .* 3/7 left: 48s \| 6 a minute")
        self.assertIn("failed 1, the last: NaN: the loss is | not *finite*", lines[2])
        self.assertEqual(
            lines[-2:],
            [
                f"70.0±5.0% 2,000 {fake_run.SECOND}",
                f"50.0±5.0% 1,000 {fake_run.FIRST}",
            ],
        )

    def test_how_good_the_predictions_were(self):
        before = fake_run.EVALUATIONS[:4]
        self.evaluate(2, fake_run.EVALUATIONS[4:], before)
        text = "\n".join(_drawn(self.panel))
        # Predicted 0.6, 0.8, 0.7; came 0.8, 0.95, 0.6: ranks 1 3 2 and 2 3 1.
        self.assertIn("rank correlation 0.50 with this stage's 3 scores", text)
        self.assertIn("off by 15.0% in the mean", text)

    def test_the_best_five_and_who_has_come_further_first(self):
        self.evaluate(1, fake_run.EVALUATIONS[:4])
        finalist = dataclasses.replace(
            fake_run.EVALUATIONS[0], key=fake_run.FINALIST_KEY, score=0.65
        )
        progress = dataclasses.replace(self.panel.progress, latest=finalist)
        self.panel.add(progress)
        lines = _drawn(self.panel)
        self.assertEqual(lines[-3], f"65.0±5.0% 2,000 {fake_run.SECOND}")
        self.assertTrue(lines[-2].startswith("90.0±5.0%"))

    def test_a_cell_is_text_and_no_markup(self):
        bad = fake_run.failure(fake_run.FIRST, "[red]no[/nothing]")
        self.evaluate(1, [bad])
        self.assertIn("[red]no[/nothing]", "\n".join(_drawn(self.panel)))


class TrainingPanelTest(absltest.TestCase):
    def test_loss_rate_and_time_left(self):
        clock = _Clock()
        panel = TrainingPanel(clock)
        for done in (100, 160):
            panel.add(
                TrainingProgress(
                    phase="training", done=done, total=800, seconds_left=64, value=0.25
                )
            )
            clock.seconds += 5
        (line,) = _drawn(panel)
        self.assertRegex(
            line, r"^training .* 160/800 loss 0.250 \| 12 a second \| left: 1m 04s$"
        )

    def test_a_scoring_tells_its_accuracy(self):
        panel = TrainingPanel()
        panel.add(
            TrainingProgress(
                phase="scoring", done=5, total=10, seconds_left=1, value=0.934
            )
        )
        self.assertRegex(_drawn(panel)[0], r"^test episodes .*5/10 transductive 93.4%")


if __name__ == "__main__":
    absltest.main()
