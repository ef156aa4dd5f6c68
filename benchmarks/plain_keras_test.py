import re

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.tiny_classes import tiny_classes
from autometa_tf.testing.tiny_conv4 import tiny_conv4
from benchmarks.plain_keras import PlainReptile, build_plain, build_plain_conv4

_CELL = Cell(
    Genome(
        (
            Block(0, "conv3x3", 1, "max_pool3x3"),
            Block(0, "identity", 2, "conv1x5_5x1"),
            Block(1, "avg_pool3x3", 2, "identity"),
        )
    )
)
_TASK = Task(image_shape=(8, 8, 1), ways=3)


def _cells(num_cell_repeats, rate):
    config = NetworkConfig(
        num_filters=4,
        num_cell_repeats=num_cell_repeats,
        feature_scale_rate=rate,
    )
    return build_network(_CELL, config, _TASK), build_plain(_CELL, config, _TASK)


def _conv4(max_pooling):
    settings = {"num_filters": 4, "max_pooling": max_pooling}
    return tiny_conv4(_TASK, **settings), build_plain_conv4(_TASK, **settings)


def _variables(model) -> list:
    """Those of the convolutions, of the normalisations and of the dense layer.

    Each in the order in which their layers were made. A normalised convolution is one
    layer of ours and two of Keras's.
    """

    def number(layer):
        found = re.search(r"_(\d+)$", layer.name)
        return int(found[1]) if found else 0

    by_kind = {"conv": [], "normalization": [], "dense": []}
    for layer in sorted(model.layers, key=number):
        for variable in layer.trainable_variables:
            kind = "dense" if "dense" in layer.name else "conv"
            if variable.name in ("gamma", "beta"):
                kind = "normalization"
            by_kind[kind].append(variable)
    return sum(by_kind.values(), [])


def _copy_weights(ours, plain):
    pairs = zip(_variables(ours), _variables(plain), strict=True)
    for value, variable in pairs:
        variable.assign(value)


class PlainKerasTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.named_parameters(
        ("cells", lambda: _cells(1, 2)),
        ("strided conv4", lambda: _conv4(False)),
        ("pooling conv4", lambda: _conv4(True)),
    )
    def test_the_network_is_the_same(self, build):
        ours, plain = build()
        _copy_weights(ours, plain)
        images = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)).astype(np.float32)
        self.assertAllClose(
            ours(images), plain(images, training=True), rtol=1e-4, atol=1e-4
        )

    @parameterized.named_parameters(
        ("cells", lambda: _cells(0, 1)), ("conv4", lambda: _conv4(False))
    )
    def test_the_training_is_the_same(self, build):
        # With one slot: its Adam state is the one that all episodes share here.
        config = ReptileConfig(
            inner_iterations=3,
            inner_batch_size=6,
            meta_batch_size=1,
            outer_step_size=0.5,
            outer_iterations=4,
        )
        ours, plain = build()
        _copy_weights(ours, plain)
        sampler = EpisodeSampler(
            tiny_classes(), ways=3, images_per_class=4, seed=0, split="train"
        )
        learner = ReptileLearner(ParallelModel(ours), sampler, config)
        yardstick = PlainReptile(plain, sampler, config)
        for _ in range(3):
            self.assertAllClose(learner.run(1), yardstick.run(1), rtol=1e-3)
        learner.model.set_weights(learner.slots().weights)
        for variable, value in zip(
            plain.trainable_variables, yardstick.theta, strict=True
        ):
            variable.assign(value)
        for a, b in zip(_variables(ours), _variables(plain), strict=True):
            # Biases before a normalisation have no effect; their gradient is rounding,
            # which Adam makes large.
            if "bias" not in a.name or "dense" in a.path:
                self.assertAllClose(a, b, rtol=1e-2, atol=1e-3)


if __name__ == "__main__":
    tf.test.main()
