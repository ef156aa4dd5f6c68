import dataclasses
import os
from unittest import mock

from absl.testing import absltest

from autometa_tf.episodes.sampler import EpisodeConfig
from autometa_tf.evaluators.candidate import CandidateConfig
from autometa_tf.evaluators.parallel_trial import (
    PROBE,
    Trial,
    measure_parallel_episodes,
)
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring import ScoringConfig
from autometa_tf.networks.network import NetworkConfig

_CONFIG = CandidateConfig(
    network=NetworkConfig(image_shape=(8, 8, 1), ways=2, num_filters=2),
    episodes=EpisodeConfig(ways=2, shots=1, train_shots=2),
    reptile=ReptileConfig(meta_batch_size=5, inner_iterations=1),
    scoring=ScoringConfig(),
)


class ParallelTrialTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        folder = self.create_tempdir().full_path
        self.enterContext(mock.patch.dict(os.environ, {"XDG_CACHE_HOME": folder}))

    def test_it_times_one_and_all_of_the_meta_batch_once(self):
        first = measure_parallel_episodes(_CONFIG, PROBE)
        self.assertFalse(first.is_remembered)
        self.assertContainsSubset({1, 5}, first.seconds)
        self.assertGreater(min(first.seconds.values()), 0)
        again = measure_parallel_episodes(
            dataclasses.replace(_CONFIG, seed=7, num_parallel_episodes=None), PROBE
        )
        self.assertEqual(again, Trial(first.seconds, is_remembered=True))
        baseline = measure_parallel_episodes(_CONFIG, None)
        self.assertFalse(baseline.is_remembered)

    def test_the_fastest_has_the_fewest_seconds(self):
        self.assertEqual(Trial({1: 0.3, 3: 0.1, 5: 0.2}).fastest, 3)


if __name__ == "__main__":
    absltest.main()
