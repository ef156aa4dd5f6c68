import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.networks.network_config import Task
from autometa_tf.testing.plain_network import PlainNetwork, pool, relu
from autometa_tf.testing.tiny_conv4 import tiny_conv4


def _randomized(model):
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def _plain_conv4(model, x, max_pooling):
    """Reptile's network, from its description in the paper's appendix."""
    plain = PlainNetwork(model)
    for _ in range(4):
        x = plain.normalize(plain.conv(x, 1 if max_pooling else 2))
        x = relu(pool(x, 2, 2, np.max) if max_pooling else x)
    logits = plain.dense(x.reshape(len(x), -1))
    plain.check_all_weights_used()
    return logits


class Conv4Test(tf.test.TestCase, parameterized.TestCase):
    @parameterized.product(
        max_pooling=(False, True), image_shape=((8, 8, 1), (17, 12, 3))
    )
    def test_computes_what_the_plain_network_does(self, max_pooling, image_shape):
        model = _randomized(
            tiny_conv4(
                Task(image_shape=image_shape, ways=5),
                num_filters=6,
                max_pooling=max_pooling,
            )
        )
        images = np.random.default_rng(1).uniform(size=(5, *image_shape))
        expected = _plain_conv4(model, images, max_pooling)
        logits = model(images.astype(np.float32))
        self.assertAllClose(logits, expected, atol=1e-3, rtol=1e-3)

    @parameterized.parameters(False, True)
    def test_copies_equal_separate_networks(self, max_pooling):
        task = Task(image_shape=(20, 20, 2), ways=3)
        settings = {"num_filters": 4, "max_pooling": max_pooling}
        one = tiny_conv4(task, **settings)
        together = _randomized(tiny_conv4(task, **settings, num_parallel_episodes=3))
        images = np.random.default_rng(1).uniform(size=(4, 20, 20, 6))
        logits = np.split(together(images.astype(np.float32)).numpy(), 3, axis=-1)
        for copy in range(3):
            one.set_weights(
                [np.split(w, 3, axis=-1)[copy] for w in together.get_weights()]
            )
            alone = one(np.split(images, 3, axis=-1)[copy].astype(np.float32))
            self.assertAllClose(logits[copy], alone, atol=1e-3, rtol=1e-3)


if __name__ == "__main__":
    tf.test.main()
