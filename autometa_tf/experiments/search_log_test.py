import glob
import os

import tensorflow as tf
from absl.testing import absltest

from autometa_tf.experiments.search_log import SearchLog
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.progress import ProgressMeter
from autometa_tf.search.state import SearchState
from autometa_tf.search.strategy import StagePlan
from autometa_tf.testing import fake_run

_PLAN = plan_without_rungs(fake_run.KEY)


class SearchLogTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = os.path.join(self.create_tempdir().full_path, "search")
        self.log = SearchLog(self.directory)
        meter = ProgressMeter([StagePlan(num_candidates=4, num_blocks=1)], _PLAN)
        state = SearchState(stages=fake_run.STAGES[:1])
        self.progress = [meter.begin_stage(state)]
        self.progress += [meter.add(found) for found in fake_run.EVALUATIONS[:4]]

    def events(self) -> dict[str, list[tuple[int, float]]]:
        """Steps and values by tag, from the files that TensorBoard reads."""
        found = {}
        for path in sorted(glob.glob(os.path.join(self.directory, "*"))):
            for record in tf.data.TFRecordDataset(path):
                event = tf.compat.v1.Event.FromString(record.numpy())
                for value in event.summary.value:
                    number = round(float(tf.make_ndarray(value.tensor)), 6)
                    found.setdefault(value.tag, []).append((event.step, number))
        return found

    def test_scores_and_sizes_by_candidates_evaluated(self):
        for progress in self.progress:
            self.log.add(progress)
        # The third candidate has failed.
        self.assertEqual(
            self.events(),
            {
                "score": [(1, 0.7), (2, 0.5), (4, 0.9)],
                "best_score": [(1, 0.7), (2, 0.7), (3, 0.7), (4, 0.9)],
                "num_parameters": [(1, 2000), (2, 1000), (4, 3000)],
            },
        )

    def test_the_beginning_of_a_stage_is_no_event(self):
        self.log.add(self.progress[0])
        self.assertEmpty(self.events())

    def test_every_event_can_be_read_at_once(self):
        self.log.add(self.progress[1])
        self.assertEqual(self.events()["score"], [(1, 0.7)])

    def test_a_failure_before_any_score_is_no_event(self):
        meter = ProgressMeter([StagePlan(num_candidates=4, num_blocks=1)], _PLAN)
        meter.begin_stage(SearchState(stages=fake_run.STAGES[:1]))
        self.log.add(meter.add(fake_run.EVALUATIONS[2]))
        self.assertEmpty(self.events())


if __name__ == "__main__":
    absltest.main()
