import os
import subprocess
import sys

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.networks.keras_network import keras_network
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell, Conv4

_EVERYTHING = Cell(
    Genome(
        (
            Block(0, "conv3x3", 1, "max_pool3x3"),
            Block(0, "identity", 1, "conv1x5_5x1"),
            Block(2, "avg_pool3x3", 1, "identity"),
            Block(0, "sep_conv3x3", 1, "dil_conv3x3"),
            Block(2, "dil_conv3x3", 1, "conv1x1"),
        )
    )
)
_LARGE = Task(image_shape=(50, 50, 3), ways=3)
_SMALL = Task(image_shape=(9, 9, 1), ways=4)


def _own(network, config, task):
    """Our network with weights that no initialiser gives."""
    model = build_network(network, config, task)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0.5, 0.3, variable.shape))
    values = [np.ravel(variable.numpy()) for variable in model.trainable_variables]
    return model, np.concatenate(values)


class KerasNetworkTest(parameterized.TestCase):
    @parameterized.parameters(
        (_EVERYTHING, NetworkConfig(num_filters=3, num_cell_repeats=1), _SMALL),
        (_EVERYTHING, NetworkConfig(num_filters=3, feature_scale_rate=1.5), _LARGE),
        (Conv4(), NetworkConfig(), _SMALL),
        (Conv4(), NetworkConfig(), _LARGE),
    )
    def test_it_answers_as_our_network_does(self, network, config, task):
        own, weights = _own(network, config, task)
        made = keras_network(network, config, task, weights)
        images = np.random.default_rng(1).random((4, *task.image_shape), np.float32)
        expected = own(images)
        np.testing.assert_allclose(made(images), expected, rtol=1e-3, atol=1e-3)
        # The batch's statistics, also where Keras would use moving ones.
        answers = made.predict(images, verbose=0)
        np.testing.assert_allclose(answers, expected, rtol=1e-3, atol=1e-3)
        self.assertGreater(np.ptp(expected, axis=0).min(), 0.1)
        # Others are the zeros of a dilated convolution.
        nonzero = sum(np.count_nonzero(each) for each in made.get_weights())
        self.assertEqual(nonzero, len(weights))

    def test_keras_alone_loads_it(self):
        own, weights = _own(_EVERYTHING, NetworkConfig(num_filters=3), _SMALL)
        made = keras_network(_EVERYTHING, NetworkConfig(num_filters=3), _SMALL, weights)
        folder = self.create_tempdir().full_path
        made.save(os.path.join(folder, "model.keras"))
        images = np.random.default_rng(1).random((4, 9, 9, 1), np.float32)
        np.save(os.path.join(folder, "images.npy"), images)
        program = (
            "import keras, numpy as np, sys; sys.modules['autometa_tf'] = None; "
            "model = keras.models.load_model('model.keras'); "
            "np.save('answers.npy', model(np.load('images.npy')))"
        )
        subprocess.run([sys.executable, "-P", "-c", program], cwd=folder, check=True)
        answers = np.load(os.path.join(folder, "answers.npy"))
        np.testing.assert_allclose(answers, own(images), rtol=1e-3, atol=1e-3)


if __name__ == "__main__":
    absltest.main()
