import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.any_ways_model import AnyWaysModel
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.networks.network import head_weights, network_body
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE = (8, 8, 1)


def _network(ways):
    task = Task(image_shape=_SHAPE, ways=ways)
    return tiny_conv4(task, num_filters=3, max_pooling=True)


class AnyWaysModelTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = _network(5)
        cls.model = AnyWaysModel(cls.network, network_body(cls.network))

    @parameterized.parameters(2, 5, 12)
    def test_equals_a_network_built_for_these_ways(self, ways):
        plain = ParallelModel(_network(ways))
        weights = np.random.default_rng(0).normal(size=plain.num_weights)
        weights = tf.constant(weights, tf.float32)
        images = tf.constant(np.random.default_rng(1).uniform(size=(4, *_SHAPE)))
        images = tf.cast(images, tf.float32)
        self.assertEqual(self.model.ways_of(weights), ways)
        self.assertTrue(self.model.has_ways(plain.num_weights))
        self.assertFalse(self.model.has_ways(plain.num_weights + 1))
        self.assertAllClose(
            self.model.logits(weights, images), plain.logits(weights, images)
        )
        labels = tf.constant([[0], [1], [1], [ways - 1]])
        self.assertAllClose(
            self.model.loss_and_gradient(weights, images, labels),
            plain.loss_and_gradient(weights, images, labels),
            atol=1e-5,
        )

    def test_one_class_is_no_ways(self):
        rows = (self.model.num_weights - self.model.head.start) // 5
        self.assertFalse(self.model.has_ways(self.model.head.start + rows))
        self.assertFalse(self.model.has_ways(0))

    def test_its_head_is_that_of_the_network(self):
        self.assertEqual(self.model.head, head_weights(self.network))

    def test_a_body_of_another_network_is_refused(self):
        with self.assertRaisesRegex(ValueError, "`body` must have the variables"):
            AnyWaysModel(self.network, network_body(_network(5)))
        with self.assertRaisesRegex(ValueError, "`body` must have the variables"):
            AnyWaysModel(self.network, self.network)


if __name__ == "__main__":
    tf.test.main()
