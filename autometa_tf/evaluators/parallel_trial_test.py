import dataclasses
import os
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.evaluators import parallel_trial
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.evaluators.parallel_trial import (
    PROBE,
    Trial,
    measure_parallel_episodes,
)
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig

_CONFIG = CandidateConfig(
    network=NetworkConfig(image_shape=(8, 8, 1), ways=2, num_filters=2),
    episodes=EpisodeConfig(ways=2, shots=1, train_shots=2),
    reptile=ReptileConfig(meta_batch_size=5, inner_iterations=1),
    scoring=ScoringConfig(),
)


class ParallelTrialTest(parameterized.TestCase):
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

    @parameterized.parameters(None, True, False)
    def test_settles_what_is_left_open(self, jit_compile):
        open_config = dataclasses.replace(
            _CONFIG, num_parallel_episodes=None, jit_compile=jit_compile
        )
        self.assertFalse(open_config.is_settled)
        measured = Trial({1: 0.3, 5: 0.1})
        with (
            mock.patch.object(parallel_trial, "gpu_available", lambda: True),
            mock.patch.object(
                parallel_trial, "measure_parallel_episodes", return_value=measured
            ) as measure,
        ):
            config, trial = parallel_trial.settle(open_config, PROBE)
        expected = dataclasses.replace(
            _CONFIG, num_parallel_episodes=5, jit_compile=jit_compile is not False
        )
        self.assertEqual(config, expected)
        self.assertTrue(config.is_settled)
        self.assertIs(trial, measured)
        # It is timed the way it will run.
        (timed, genome), _ = measure.call_args
        self.assertEqual(timed.jit_compile, expected.jit_compile)
        self.assertEqual(genome, PROBE)

    def test_what_is_settled_stays(self):
        self.assertEqual(parallel_trial.settle(_CONFIG, None), (_CONFIG, None))

    def test_the_fastest_has_the_fewest_seconds(self):
        self.assertEqual(Trial({1: 0.3, 3: 0.1, 5: 0.2}).fastest, 3)


if __name__ == "__main__":
    absltest.main()
