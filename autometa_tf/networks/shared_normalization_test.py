import numpy as np
import tensorflow as tf

from autometa_tf.networks.layers import normalize_with_batch_statistics
from autometa_tf.networks.shared_normalization import normalize_by_shares

_SHAPE = (4, 5, 3, 2)


def _with_gradients(normalize, x, gamma, beta, dy):
    arguments = [tf.constant(a, tf.float32) for a in (x, gamma, beta)]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = normalize(*arguments)
    return [y, *tape.gradient(y, arguments, tf.constant(dy, tf.float32))]


class SharedNormalizationTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.x, self.dy = rng.normal(size=(2, *_SHAPE))
        self.gamma, self.beta = rng.uniform(0.5, 2, size=(2, _SHAPE[-1]))

    def by_shares(self, shares, x, dy):
        shares = tf.constant(shares, tf.float32)
        return _with_gradients(
            lambda *a: normalize_by_shares(*a, shares), x, self.gamma, self.beta, dy
        )

    def test_equal_shares_are_the_statistics_of_the_batch(self):
        found = self.by_shares([0.25] * 4, self.x, self.dy)
        expected = _with_gradients(
            normalize_with_batch_statistics, self.x, self.gamma, self.beta, self.dy
        )
        for mine, theirs in zip(found, expected, strict=True):
            self.assertAllClose(mine, theirs, rtol=1e-4, atol=1e-5)

    def test_an_image_of_two_shares_counts_as_two_and_one_of_none_for_nothing(self):
        self.dy[3] = 0
        y, dx, d_gamma, d_beta = self.by_shares([0.5, 0.25, 0.25, 0], self.x, self.dy)
        twice = [0, 0, 1, 2]
        dy = self.dy[twice]
        dy[:2] /= 2  # Both halves of it together.
        expected = _with_gradients(
            normalize_with_batch_statistics, self.x[twice], self.gamma, self.beta, dy
        )
        self.assertAllClose(y[:3], expected[0][1:], rtol=1e-4, atol=1e-5)
        self.assertAllClose(dx[0], 2 * expected[1][0], rtol=1e-4, atol=1e-5)
        self.assertAllClose(dx[1:3], expected[1][2:], rtol=1e-4, atol=1e-5)
        self.assertAllEqual(dx[3], tf.zeros_like(dx[3]))
        self.assertAllClose(d_gamma, expected[2], rtol=1e-4, atol=1e-5)
        self.assertAllClose(d_beta, expected[3], rtol=1e-4, atol=1e-5)


if __name__ == "__main__":
    tf.test.main()
