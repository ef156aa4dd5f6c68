import dataclasses

from absl.testing import absltest

from autometa_tf.reports.run_record import read_run
from autometa_tf.reports.time_left import seconds_left
from autometa_tf.testing import fake_run


class TimeLeftTest(absltest.TestCase):
    def read(self, *, stages, evaluations, seconds, **fields):
        folder = self.create_tempdir().full_path
        config = fake_run.experiment(**fields)
        fake_run.write_run(
            folder, stages=stages, evaluations=evaluations, config=config
        )
        return dataclasses.replace(read_run(folder), seconds_spent=seconds)

    def test_it_goes_on_at_the_speed_it_has_had(self):
        # Three of four cells of one block in 30 seconds, half of them for training: one
        # is left, and a stage of three cells of two blocks.
        done = [
            dataclasses.replace(
                found, build_seconds=2.0, train_seconds=5.0, scoring_seconds=3.0
            )
            for found in fake_run.EVALUATIONS[:3]
        ]
        record = self.read(stages=fake_run.STAGES[:1], evaluations=done, seconds=30.0)
        self.assertAlmostEqual(seconds_left(record), 10.0 + 3 * (5.0 + 5.0 * 3 / 2))

    def test_a_budget_bounds_it(self):
        record = self.read(
            stages=fake_run.STAGES[:1],
            evaluations=fake_run.EVALUATIONS[:3],
            seconds=30.0,
            time_budget_hours=0.01,
        )
        self.assertAlmostEqual(seconds_left(record), 36.0 - 30.0)

    def test_nothing_is_said_of_what_is_over_or_has_not_begun(self):
        over = self.read(
            stages=fake_run.STAGES, evaluations=fake_run.EVALUATIONS, seconds=9.0
        )
        self.assertIsNone(seconds_left(over))
        begun = self.read(stages=fake_run.STAGES[:1], evaluations=(), seconds=0.0)
        self.assertIsNone(seconds_left(begun))


if __name__ == "__main__":
    absltest.main()
