import keras
import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.predictors.encoding import encode_genomes
from autometa_tf.predictors.lstm_network import LstmNetwork

_PARENTS = one_block_genomes()[::11]
_TOKENS = encode_genomes(expand_beam(_PARENTS)[::9] + _PARENTS)
_TARGETS = np.linspace(-1, 1, len(_TOKENS))


def _network(**sizes):
    fields = {"num_units": 8, "num_layers": 1, "embedding_size": 5} | sizes
    return LstmNetwork(**fields, learning_rate=0.01)


def _fitted(seed=0, **sizes):
    network = _network(**sizes)
    network.fit(_TOKENS, _TARGETS, num_updates=3, seed=seed)
    return network


def _keras_model(network, num_layers):
    """The same network of Keras's own layers, which masks the padding."""
    inputs = keras.Input((None,), dtype="int32")
    values = keras.layers.Embedding(22, 5, mask_zero=True)(inputs)
    for layer in range(num_layers):
        is_last = layer == num_layers - 1
        values = keras.layers.LSTM(8, return_sequences=not is_last)(values)
    model = keras.Model(inputs, keras.layers.Dense(1)(values))
    model.set_weights([variable.numpy() for variable in network._variables])
    return model


def _train_with_adam_in_numpy(model, tokens, targets, num_updates):
    weights = model.get_weights()
    means = [np.zeros_like(weight) for weight in weights]
    squares = [np.zeros_like(weight) for weight in weights]
    for update in range(1, num_updates + 1):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(tokens)[:, 0] - targets))
        for i, gradient in enumerate(tape.gradient(loss, model.trainable_variables)):
            gradient = tf.convert_to_tensor(gradient).numpy()
            means[i] = 0.9 * means[i] + 0.1 * gradient
            squares[i] = 0.999 * squares[i] + 0.001 * gradient**2
            mean = means[i] / (1 - 0.9**update)
            square = squares[i] / (1 - 0.999**update)
            weights[i] -= 0.01 * mean / (np.sqrt(square) + 1e-7)
        model.set_weights(weights)


class LstmNetworkTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(1, 2)
    def test_agrees_with_keras_layers(self, num_layers):
        network = _fitted(num_layers=num_layers)
        expected = _keras_model(network, num_layers)(_TOKENS)[:, 0]
        self.assertAllClose(network.predict(_TOKENS), expected, atol=1e-5)

    def test_updates_are_adams(self):
        # Both halves of each block are the same, so that they may change places.
        block = Block(0, "identity", 0, "identity")
        tokens = encode_genomes(
            [Genome((block,)), Genome((block, Block(1, "conv3x3", 1, "conv3x3")))]
        )
        targets = np.array([1.0, -1.0], np.float32)
        network = _network()
        network.fit(tokens, targets, num_updates=0, seed=3)
        model = _keras_model(network, num_layers=1)
        _train_with_adam_in_numpy(model, tokens, targets, num_updates=3)
        network.fit(tokens, targets, num_updates=3, seed=3)
        self.assertAllClose(network.predict(tokens), model(tokens)[:, 0], atol=1e-4)

    def test_fitting_again_forgets_what_came_before(self):
        network = _fitted(seed=1)
        network.fit(_TOKENS, _TARGETS, num_updates=3, seed=2)
        self.assertAllClose(network.predict(_TOKENS), _fitted(seed=2).predict(_TOKENS))

    def test_seeds_differ(self):
        outputs = [_fitted(seed=seed).predict(_TOKENS) for seed in (1, 2)]
        self.assertNotAllClose(*outputs)

    def test_padding_changes_nothing(self):
        network = _fitted()
        padded = np.pad(_TOKENS, [(0, 0), (0, 8)])
        self.assertAllClose(network.predict(padded), network.predict(_TOKENS))

    def test_keras_settings_elsewhere_change_nothing(self):
        expected = _fitted().predict(_TOKENS)
        policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
        self.addCleanup(keras.config.set_dtype_policy, policy)
        self.addCleanup(keras.config.set_floatx, floatx)
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("mixed_float16")
        self.assertAllEqual(_fitted().predict(_TOKENS), expected)

    def test_of_nothing(self):
        self.assertEqual(_network().predict(_TOKENS[:0]).shape, (0,))


if __name__ == "__main__":
    tf.test.main()
