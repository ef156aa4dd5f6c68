import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.shared_head import resize_head, resize_state, share_head


class SharedHeadTest(tf.test.TestCase, parameterized.TestCase):
    def test_equals_numpy_and_leaves_the_rest_alone(self):
        weights = np.random.default_rng(0).normal(size=30).astype(np.float32)
        shared = share_head(tf.constant(weights), slice(5, 26), 3).numpy()
        self.assertEqual(shared.shape, (30,))
        self.assertAllEqual(shared[:5], weights[:5])
        self.assertAllEqual(shared[26:], weights[26:])
        rows = shared[5:26].reshape(7, 3)
        self.assertAllClose(rows[:, 0], weights[5:26].reshape(7, 3).mean(axis=1))
        self.assertAllEqual(rows, np.broadcast_to(rows[:, :1], rows.shape))

    def test_a_shared_head_stays_as_it_is(self):
        weights = np.repeat(np.random.default_rng(0).normal(size=8), 4)
        shared = share_head(tf.constant(weights, tf.float32), slice(0, 32), 4)
        self.assertAllClose(shared, weights, rtol=1e-6)

    @parameterized.parameters(2, 5, 20)
    def test_a_shared_column_is_repeated_bit_for_bit(self, ways):
        rng = np.random.default_rng(0)
        body, column = rng.normal(size=(2, 7)).astype(np.float32)
        of_three = tf.constant(np.concatenate([body, column.repeat(3)]))
        expected = np.concatenate([body, column.repeat(ways)])
        head = slice(7, 28)
        self.assertAllEqual(resize_head(of_three, head, 3, ways), expected)
        in_graph = tf.function(lambda w: resize_head(of_three, head, 3, w))(
            tf.constant(ways)
        )
        self.assertAllEqual(in_graph, expected)

    @parameterized.parameters((3,), (tf.constant(3),))
    def test_columns_that_differ_stay_with_the_ways_there_are(self, ways):
        vector = tf.constant(np.random.default_rng(0).normal(size=12), tf.float32)
        self.assertAllEqual(resize_head(vector, slice(0, 12), 3, ways), vector)

    def test_moments_are_the_mean_over_the_columns(self):
        second = np.random.default_rng(0).uniform(size=8)
        adam = AdamState(tf.zeros([0]), tf.constant(second, tf.float32), 7.0)
        state = LearnerState(tf.repeat(tf.range(4.0), 2), adam)
        state = resize_state(state, slice(2, 8), 2, 3)
        self.assertAllEqual(state.weights, [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        means = second[2:].reshape(3, 2).mean(axis=1)
        expected = np.concatenate([second[:2], means.repeat(3)])
        self.assertAllClose(state.adam.second_moments, expected)
        self.assertEqual((len(state.adam.first_moments), state.adam.step), (0, 7))


if __name__ == "__main__":
    tf.test.main()
