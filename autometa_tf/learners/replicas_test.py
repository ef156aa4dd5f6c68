"""Replicas learn together what one learns alone: MirroredStrategy over logical CPUs."""

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import DivergedError, ReptileLearner
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.grouped_gradients import skip_without_grouped_gradients
from autometa_tf.testing.linear_model import linear_model
from autometa_tf.testing.tiny_classes import tiny_classes
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS = (8, 8, 1), 3


def _linear(copies):
    return linear_model(_SHAPE, _WAYS, num_parallel_episodes=copies)


def _conv4(copies):
    return tiny_conv4(
        Task(image_shape=_SHAPE, ways=_WAYS),
        num_filters=3,
        max_pooling=False,
        num_parallel_episodes=copies,
    )


def _learner(num_replicas, copies, *, build=_linear, **fields):
    config = ReptileConfig(
        **{
            "inner_iterations": 3,
            "inner_batch_size": 5,
            "meta_batch_size": 5,
            "outer_iterations": 6,
        }
        | fields
    )
    distribution = None
    if num_replicas > 1:
        devices = [f"CPU:{i}" for i in range(num_replicas)]
        distribution = tf.distribute.MirroredStrategy(devices)
    episodes = EpisodeSampler(
        tiny_classes(6, 5, _SHAPE),
        ways=_WAYS,
        images_per_class=4,
        seed=0,
        split="train",
    )
    model = ParallelModel(build(copies), copies)
    return ReptileLearner(
        model,
        episodes,
        config,
        head=slice(0, model.num_weights),
        distribution=distribution,
    )


class ReplicasTest(tf.test.TestCase, parameterized.TestCase):
    def assert_same_slots(self, a, b):
        for name, first, second in zip(a._fields, a, b, strict=True):
            self.assertAllClose(first, second, atol=1e-5, rtol=1e-4, msg=name)

    @parameterized.named_parameters(
        ("two_replicas_of_one_episode", 2, 1, 2),
        ("two_replicas_uneven", 2, 2, 5),
        ("four_replicas_uneven", 4, 1, 5),
        ("replicas_without_work", 4, 2, 3),
    )
    def test_equal_one_replica(self, num_replicas, copies, meta_batch_size):
        alone = _learner(1, 2, meta_batch_size=meta_batch_size)
        together = _learner(num_replicas, copies, meta_batch_size=meta_batch_size)
        self.assertAllClose(together.run(1), alone.run(1), rtol=1e-5)
        self.assert_same_slots(together.slots(), alone.slots())
        self.assertAllClose(together.run(2), alone.run(2), rtol=1e-5)
        self.assert_same_slots(together.slots(), alone.slots())

    def test_equal_one_replica_with_convolutions_and_first_moments(self):
        skip_without_grouped_gradients()
        settings = {"build": _conv4, "inner_beta1": 0.9}
        alone, together = _learner(1, 1, **settings), _learner(2, 2, **settings)
        slots = alone.slots()
        moments = np.full_like(slots.second_moments, 0.01)
        for learner in (alone, together):
            learner.restore(slots._replace(iteration=1, second_moments=moments))
            learner.run(2)
        self.assert_same_slots(together.slots(), alone.slots())

    @parameterized.parameters(
        {"final_inner_learning_rate": 0.001},
        {"shared_head": True},
        {"flips": True},
    )
    def test_equal_one_replica_with(self, **settings):
        alone, together = _learner(1, 1, **settings), _learner(2, 2, **settings)
        for learner in (alone, together):
            learner.run(4)
        self.assert_same_slots(together.slots(), alone.slots())

    def test_every_replica_holds_the_same_weights(self):
        learner = _learner(4, 1)
        learner.run(2)
        distribution = learner._distribution
        first, *others = distribution.experimental_local_results(learner._weights)
        self.assertLen(others, 3)
        for other in others:
            self.assertAllEqual(other, first)

    def test_restored_with_other_replicas_goes_on(self):
        first, second = _learner(2, 2), _learner(4, 1)
        first.run(2)
        second.restore(first.slots())
        self.assert_same_slots(second.slots(), first.slots())
        first.run(2)
        second.run(2)
        self.assert_same_slots(second.slots(), first.slots())

    def test_in_parts_equals_in_one_bit_for_bit(self):
        one, parts = _learner(2, 2), _learner(2, 2)
        one.run(4)
        parts.run(1)
        parts.run(3)
        for a, b in zip(one.slots(), parts.slots(), strict=True):
            self.assertAllEqual(a, b)

    def test_weights_that_are_not_finite_are_an_error(self):
        with self.assertRaises(DivergedError):
            _learner(2, 1, inner_learning_rate=1e38).run(2)


if __name__ == "__main__":
    use_devices(num_threads=1, num_logical_cpus=4)
    tf.test.main()
