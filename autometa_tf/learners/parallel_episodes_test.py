import json
import os
import subprocess
import sys
import time
from unittest import mock

import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners import parallel_episodes
from autometa_tf.learners.parallel_episodes import (
    grouped_gradients_available,
    time_parallel_episodes,
)
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.conv4 import Conv4Config, build_conv4
from autometa_tf.testing.tiny_classes import tiny_classes


def _make_learner(copies):
    config = Conv4Config(image_shape=(8, 8, 1), ways=3, num_filters=2, max_pooling=True)
    model = build_conv4(config, num_parallel_episodes=copies)
    episodes = EpisodeSampler(
        tiny_classes(), ways=3, images_per_class=3, seed=0, split="train"
    )
    config = ReptileConfig(inner_iterations=2, outer_iterations=99, meta_batch_size=3)
    return ReptileLearner(ParallelModel(model, copies), episodes, config)


def report_what_works():
    """Prints which E are tried, a training loss with E = 1, and whether E = 3 runs."""
    tried = sorted(time_parallel_episodes(_make_learner, 3))
    loss = _make_learner(1).run(1)
    try:
        _make_learner(3).run(1)
        three_work = True
    except tf.errors.InvalidArgumentError:
        three_work = False
    print(json.dumps([tried, loss, three_work]))


class FakeLearner:
    """Takes a given time, and longer in its first iteration and one other."""

    def __init__(self, seconds):
        self._seconds = [10 * seconds, 10 * seconds] + [seconds] * 100
        self.num_iterations = 0

    def run(self, num_iterations):
        for _ in range(num_iterations):
            time.sleep(self._seconds[self.num_iterations])
            self.num_iterations += 1


class TimeParallelEpisodesTest(tf.test.TestCase, parameterized.TestCase):
    def measure(self, meta_batch_size, available=True, seconds=0.001, at_once=2):
        with mock.patch.multiple(
            parallel_episodes,
            grouped_gradients_available=lambda: available,
            operations_at_once=lambda: at_once,
        ):
            return time_parallel_episodes(
                lambda copies: FakeLearner(seconds / copies), meta_batch_size
            )

    @parameterized.parameters(
        (1, {1}), (2, {1, 2}), (3, {1, 2, 3}), (5, {1, 3, 5}), (8, {1, 4, 8})
    )
    def test_tries_one_half_and_all_of_the_meta_batch(self, meta_batch_size, expected):
        self.assertEqual(set(self.measure(meta_batch_size)), expected)

    def test_half_is_for_rounds_that_can_be_computed_at_once(self):
        self.assertEqual(set(self.measure(5, at_once=1)), {1, 5})

    def test_takes_the_median_without_the_tracing(self):
        for copies, seconds in self.measure(4, seconds=0.04).items():
            self.assertBetween(seconds * copies, 0.04, 0.2)

    def test_tries_one_only_where_grouped_gradients_are_missing(self):
        self.assertEqual(set(self.measure(5, available=False)), {1})


class GroupedGradientsTest(tf.test.TestCase):
    def test_tells_whether_the_gradient_of_a_grouped_convolution_works(self):
        x, kernel = tf.ones([2, 5, 5, 6]), tf.ones([3, 3, 2, 9])
        try:
            with tf.GradientTape() as tape:
                tape.watch(kernel)
                y = tf.nn.conv2d(x, kernel, 1, "SAME")
            works = tape.gradient(y, kernel) is not None
        except tf.errors.InvalidArgumentError:
            works = False
        self.assertEqual(grouped_gradients_available(), works)

    def test_without_onednn_one_at_a_time_is_chosen_and_works(self):
        environment = os.environ | {
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        result = subprocess.run(
            [sys.executable, __file__, "report"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        tried, loss, three_work = json.loads(result.stdout)
        self.assertEqual(tried, [1])
        self.assertBetween(loss, 0.01, 3.0)
        self.assertFalse(three_work, "TensorFlow can do without: try more than one.")


if __name__ == "__main__":
    if sys.argv[1:] == ["report"]:
        report_what_works()
    else:
        tf.test.main()
