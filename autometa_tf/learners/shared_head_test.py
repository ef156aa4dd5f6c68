import numpy as np
import tensorflow as tf

from autometa_tf.learners.shared_head import share_head


class SharedHeadTest(tf.test.TestCase):
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


if __name__ == "__main__":
    tf.test.main()
