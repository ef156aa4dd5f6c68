import pathlib

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.genome import Block, Genome, read_genome
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Cell, Conv4
from autometa_tf.testing.plain_network import PlainNetwork

_GENOMES = pathlib.Path(__file__).parents[2] / "testdata" / "genomes"

_ONE_BLOCK = Genome((Block(0, "max_pool3x3", 1, "conv3x3"),))
_ONLY_INPUT_0 = Genome((Block(0, "identity", 0, "avg_pool3x3"),))
_ALL_OPERATIONS = Genome(
    (
        Block(0, "conv3x3", 1, "avg_pool3x3"),
        Block(2, "identity", 0, "conv1x5_5x1"),
        Block(2, "max_pool3x3", 1, "identity"),
        Block(0, "sep_conv3x3", 1, "dil_conv3x3"),
        Block(2, "sep_conv5x5", 1, "conv1x1"),
    )
)


def _build(genome, image_shape=(8, 8, 1), *, copies=1, seed=0, **fields):
    return build_network(
        Cell(genome),
        NetworkConfig(**fields),
        Task(image_shape=image_shape, ways=5),
        num_parallel_episodes=copies,
        seed=seed,
    )


def _randomize(model, seed=0):
    """Draws all weights at random, with which no mistake cancels out."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def _images(num_images, image_shape, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(num_images, *image_shape)).astype(np.float32)


class NumberOfParametersTest(parameterized.TestCase):
    @parameterized.parameters(
        ((28, 28, 1), 10, 1, 24_005),
        ((84, 84, 3), 10, 1, 24_185),
        ((84, 84, 3), 6, 1.5, 24_962),
        ((84, 84, 3), 8, 1.25, 24_721),
        ((84, 84, 3), 12, 1.5, 93_809),
        ((84, 84, 3), 12, 2, 233_849),
    )
    def test_of_the_papers_cell(self, image_shape, filters, rate, expected):
        genome = read_genome(str(_GENOMES / "auto_meta_small.json"))
        model = _build(
            genome, image_shape, num_filters=filters, feature_scale_rate=rate
        )
        self.assertEqual(model.count_params(), expected)

    @parameterized.parameters(((28, 28, 1), 113_221), ((84, 84, 3), 34_661))
    def test_of_conv4_is_the_published_one(self, image_shape, expected):
        task = Task(image_shape=image_shape, ways=5)
        model = build_network(Conv4(), NetworkConfig(), task)
        self.assertEqual(model.count_params(), expected)

    def test_of_conv4_of_other_widths(self):
        task = Task(image_shape=(48, 48, 3), ways=5)
        model = build_network(Conv4(28), NetworkConfig(), task)
        # Convolutions with biases and normalisation, then 3x3 pixels to 5 classes.
        convolutions = 27 * 28 + 3 * 9 * 28 * 28 + 4 * (28 + 2 * 28)
        self.assertEqual(model.count_params(), convolutions + 9 * 28 * 5 + 5)

    @parameterized.parameters((0, 1), (1, 1), (0, 2), (2, 3), (1, 1.3))
    def test_of_a_one_block_cell(self, num_cell_repeats, rate):
        model = _build(
            _ONE_BLOCK,
            (8, 8, 3),
            num_filters=4,
            num_cell_repeats=num_cell_repeats,
            feature_scale_rate=rate,
        )
        expected = 3 * 3 * 3 * 4 + 2 * 4  # The stem and its normalisation.
        widths = [  # At a rate of 1.3 these are 4, 5 and 7.
            round(4 * rate**i) for i in range(3) for _ in range(num_cell_repeats + 1)
        ]
        inputs = [4, 4, *widths]
        for cell, width in enumerate(widths):
            adapters = (inputs[cell] + inputs[cell + 1]) * width + 2 * 2 * width
            expected += adapters + 3 * 3 * width * width + 2 * width
        expected += widths[-1] * 5 + 5
        self.assertEqual(model.count_params(), expected)


class NetworkTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.product(
        (
            {"num_cell_repeats": 0, "rate": 1, "image_shape": (8, 8, 1)},
            {"num_cell_repeats": 1, "rate": 2, "image_shape": (9, 13, 3)},
        ),
        genome=(_ONE_BLOCK, _ONLY_INPUT_0, _ALL_OPERATIONS),
    )
    def test_computes_what_the_plain_network_does(
        self, genome, num_cell_repeats, rate, image_shape
    ):
        model = _randomize(
            _build(
                genome,
                image_shape,
                num_filters=4,
                num_cell_repeats=num_cell_repeats,
                feature_scale_rate=rate,
            )
        )
        images = _images(6, image_shape)
        plain = PlainNetwork(model)
        expected = plain.network(
            genome,
            images.astype(np.float64),
            [
                (4 * rate**stage, stride)
                for stage in range(3)
                for stride in [1] * num_cell_repeats + [2]
            ],
            stem_stride=1,
        )
        plain.check_all_weights_used()
        logits = model(images)
        self.assertEqual(logits.shape, (6, 5))
        self.assertAllClose(logits, expected, atol=2e-3, rtol=2e-3)

    @parameterized.parameters(
        ((8, 8, 1), 0),
        ((9, 13, 3), 1),
        ((28, 28, 1), 0),
        ((84, 84, 3), 0),
        ((8, 100, 3), 1),
        ((100, 8, 1), 0),
    )
    def test_runs_at_any_size(self, image_shape, num_cell_repeats):
        model = _build(
            _ALL_OPERATIONS,
            image_shape,
            num_filters=2,
            num_cell_repeats=num_cell_repeats,
        )
        logits = model(_images(2, image_shape))
        self.assertEqual(logits.shape, (2, 5))
        self.assertTrue(np.all(np.isfinite(logits)))

    @parameterized.parameters(
        (48, 0, 48), (49, 0, 25), (84, 0, 42), (84, 1, 84), (28, 2, 14)
    )
    def test_stride_of_the_stem(self, size, stem_stride, expected):
        model = _build(
            _ONE_BLOCK, (size, size, 1), num_filters=2, stem_stride=stem_stride
        )
        stem = next(
            layer.output.shape[1] for layer in model.layers if "conv2d" in layer.name
        )
        self.assertEqual(stem, expected)

    @parameterized.parameters((3, 0, 1), (2, 1, 2))
    def test_copies_equal_separate_networks(self, copies, num_cell_repeats, rate):
        fields = {
            "num_filters": 3,
            "num_cell_repeats": num_cell_repeats,
            "feature_scale_rate": rate,
        }
        one = _build(_ALL_OPERATIONS, (9, 8, 2), **fields)
        together = _build(_ALL_OPERATIONS, (9, 8, 2), copies=copies, **fields)
        _randomize(together)
        images = _images(4, (9, 8, 2 * copies))
        logits = np.split(together(images).numpy(), copies, axis=-1)
        for copy in range(copies):
            one.set_weights(
                [np.split(w, copies, axis=-1)[copy] for w in together.get_weights()]
            )
            alone = one(np.split(images, copies, axis=-1)[copy])
            self.assertAllClose(logits[copy], alone, atol=1e-3, rtol=1e-3)

    def test_initial_weights_depend_on_the_seed_only(self):
        a, again, b = (
            _build(_ONE_BLOCK, seed=seed).get_weights() for seed in (1, 1, 2)
        )
        for first, second in zip(a, again, strict=True):
            self.assertAllEqual(first, second)
        self.assertNotAllEqual(a[0], b[0])


if __name__ == "__main__":
    tf.test.main()
