import keras
import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.networks.layer_factory import LayerFactory


def _weights(num_parallel_episodes, seed):
    """The weights of three layers of equal shapes, the last of which is dense."""
    factory = LayerFactory(num_parallel_episodes, seed)
    images = keras.Input((6, 6, 4 * num_parallel_episodes))
    x = factory.conv(factory.conv(images, 4, (3, 3)), 4, (3, 3))
    return keras.Model(images, factory.dense(x, 3)).get_weights()


class LayerFactoryTest(parameterized.TestCase):
    @parameterized.parameters(2, 5)
    def test_initial_weights_are_the_same_for_every_number_of_copies(self, copies):
        for tiled, one in zip(_weights(copies, 3), _weights(1, 3), strict=True):
            for copy in np.split(tiled, copies, axis=-1):
                np.testing.assert_array_equal(copy, one)

    def test_initial_weights_are_a_function_of_the_seed_only(self):
        first = _weights(1, 3)
        keras.utils.set_random_seed(99)
        for a, b in zip(first, _weights(1, 3), strict=True):
            np.testing.assert_array_equal(a, b)

    @parameterized.parameters(2, 4, 3 + 4096)
    def test_other_seeds_give_other_weights(self, seed):
        self.assertFalse(np.array_equal(_weights(1, 3)[0], _weights(1, seed)[0]))

    def test_no_layer_begins_as_another_layer_of_a_neighbouring_seed(self):
        kernels = [w for seed in range(4) for w in _weights(1, seed)[:2]]
        self.assertLen({kernel.tobytes() for kernel in kernels}, 4 * 2)

    def test_layers_of_one_shape_begin_differently(self):
        first, second, *_ = _weights(1, 0)
        self.assertEqual(first.shape, second.shape)
        self.assertLess(abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]), 0.4)

    def test_layers_begin_as_glorot_says_for_one_copy(self):
        kernel = _weights(5, 0)[0]
        limit = np.sqrt(6 / (9 * 4 + 9 * 4))
        self.assertLessEqual(np.abs(kernel).max(), limit)
        self.assertGreater(np.abs(kernel).max(), 0.9 * limit)

    def test_a_single_input_is_not_concatenated(self):
        x = keras.Input((4, 4, 2))
        self.assertIs(LayerFactory(1, 0).concatenate([x]), x)

    @parameterized.parameters(0, -1)
    def test_refuses_less_than_one_copy(self, copies):
        with self.assertRaisesRegex(ValueError, f"at least 1. Received: {copies}"):
            LayerFactory(copies, 0)


if __name__ == "__main__":
    absltest.main()
