import dataclasses
import os

from absl.testing import absltest
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.util.tensor_util import make_ndarray

from autometa_tf.experiments.candidate_log import (
    CandidateLog,
    candidate_name,
    genome_features,
)
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.testing import fake_run


class CandidateLogTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.create_tempdir().full_path
        self.log = CandidateLog(self.directory, fake_run.experiment(ways=5, shots=1))

    def read(self, genome):
        """What TensorBoard reads of a candidate, with its own reader."""
        path = os.path.join(self.directory, candidate_name(genome))
        events = event_accumulator.EventAccumulator(path)
        events.Reload()
        return events

    def hparams(self, events, tag):
        content = events.SummaryMetadata(tag).plugin_data.content
        return plugin_data_pb2.HParamsPluginData.FromString(content)

    def curve(self, events, tag):
        return [
            (event.step, round(float(make_ndarray(event.tensor_proto)), 6))
            for event in events.Tensors(tag)
        ]

    def test_a_candidates_scores_at_its_rungs(self):
        (found, *_) = fake_run.EVALUATIONS
        low = dataclasses.replace(found, key=dataclasses.replace(found.key, rung=9))
        self.log.add(dataclasses.replace(low, score=0.25))
        self.log.add(found)
        events = self.read(found.genome)
        self.assertEqual(self.curve(events, "score"), [(9, 0.25), (1000, 0.7)])
        self.assertEqual(self.curve(events, "num_parameters")[-1], (1000, 2000))
        self.assertEqual(self.curve(events, "non_transductive_score")[-1], (1000, 0.6))

    def test_hparams_are_the_cells_features_and_the_settings(self):
        self.log.add(fake_run.EVALUATIONS[0])
        events = self.read(fake_run.SECOND)
        start = self.hparams(events, metadata.SESSION_START_INFO_TAG)
        given = start.session_start_info.hparams
        self.assertEqual(given["cell"].string_value, str(fake_run.SECOND))
        self.assertEqual(given["num_avg_pool3x3"].number_value, 1)
        self.assertEqual(given["ways"].number_value, 5)
        self.assertEqual(given["dataset"].string_value, "glyphs")
        end = self.hparams(events, metadata.SESSION_END_INFO_TAG)
        self.assertEqual(end.session_end_info.status, 1)  # STATUS_SUCCESS

    def test_a_failure_is_one_and_has_no_score(self):
        self.log.add(fake_run.EVALUATIONS[2])
        events = self.read(fake_run.FOURTH)
        self.assertNotIn("score", events.Tags()["tensors"])
        end = self.hparams(events, metadata.SESSION_END_INFO_TAG)
        self.assertEqual(end.session_end_info.status, 2)  # STATUS_FAILURE

    def test_every_candidate_has_a_folder(self):
        for found in fake_run.EVALUATIONS:
            self.log.add(found)
        self.assertLen(os.listdir(self.directory), len(fake_run.EVALUATIONS))

    def test_features_are_counted(self):
        genome = Genome(
            (Block(0, "conv3x3", 1, "identity"), Block(2, "conv3x3", 0, "conv3x3"))
        )
        features = genome_features(genome)
        self.assertEqual(features["num_conv3x3"], 3)
        self.assertEqual(features["num_max_pool3x3"], 0)
        self.assertEqual(
            [features[f] for f in ("num_blocks", "depth", "num_loose_blocks")],
            [2, 2, 1],
        )


if __name__ == "__main__":
    absltest.main()
