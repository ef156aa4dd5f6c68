import keras
import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.networks.cell import build_cell
from autometa_tf.networks.layer_factory import LayerFactory
from autometa_tf.testing.plain_network import PlainNetwork

_BOTH_INPUTS = Genome((Block(0, "conv3x3", 1, "max_pool3x3"),))
_ONLY_INPUT_0 = Genome((Block(0, "conv3x3", 0, "identity"),))
_ONLY_INPUT_1 = Genome((Block(1, "avg_pool3x3", 1, "conv1x5_5x1"),))
_THREE_LOOSE_BLOCKS = Genome(
    (
        Block(0, "conv3x3", 1, "identity"),
        Block(2, "max_pool3x3", 1, "conv1x5_5x1"),
        Block(2, "conv3x3", 2, "identity"),
        Block(1, "avg_pool3x3", 0, "conv3x3"),
    )
)


def _build(genome, shapes, filters, stride):
    """A model of one cell, its weights drawn at random."""
    inputs = [keras.Input(shape) for shape in shapes]
    output = build_cell(genome, inputs, filters, stride, LayerFactory(1, 0))
    model = keras.Model(inputs, output)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


class CellTest(tf.test.TestCase, parameterized.TestCase):
    def check(self, genome, shapes, filters, stride):
        """Compares a cell with its plain re-implementation; returns its output."""
        model = _build(genome, shapes, filters, stride)
        rng = np.random.default_rng(1)
        inputs = [rng.normal(size=(3, *shape)) for shape in shapes]
        plain = PlainNetwork(model)
        expected = plain.cell(genome, inputs, filters, stride)
        plain.check_all_weights_used()
        output = model([tf.constant(x, tf.float32) for x in inputs])
        self.assertAllClose(output, expected, atol=2e-4)
        return output

    @parameterized.product(
        operation=tuple(OPERATIONS), stride=(1, 2), index_and_height=((0, 8), (1, 5))
    )
    def test_operation_on_a_cell_input(self, operation, stride, index_and_height):
        index, height = index_and_height
        genome = Genome((Block(index, operation, 1, "max_pool3x3"),))
        self.check(genome, [(height, 7, 4), (height, 7, 4)], 4, stride)

    @parameterized.product(operation=tuple(OPERATIONS), stride=(1, 2))
    def test_operation_on_a_block_has_stride_1(self, operation, stride):
        genome = Genome(
            (Block(1, "conv3x3", 1, "max_pool3x3"), Block(2, operation, 2, "conv3x3"))
        )
        self.check(genome, [(8, 7, 4), (8, 7, 4)], 4, stride)

    @parameterized.product(
        genome=(_BOTH_INPUTS, _ONLY_INPUT_0, _ONLY_INPUT_1),
        sizes=(((8, 7), (4, 4)), ((9, 13), (5, 7)), ((3, 2), (2, 1))),
        stride=(1, 2),
    )
    def test_the_larger_of_two_inputs_is_subsampled(self, genome, sizes, stride):
        (height, width), output_size = sizes[1], sizes[1]
        if stride == 2:
            output_size = -(-height // 2), -(-width // 2)
        output = self.check(genome, [(*sizes[0], 3), (*sizes[1], 5)], 4, stride)
        self.assertEqual(tuple(output.shape), (3, *output_size, 4))

    @parameterized.parameters(1, 2)
    def test_loose_blocks_are_concatenated(self, stride):
        output = self.check(_THREE_LOOSE_BLOCKS, [(8, 8, 4), (8, 8, 4)], 4, stride)
        self.assertEqual(output.shape[-1], 3 * 4)

    @parameterized.parameters((_ONLY_INPUT_0, 0), (_ONLY_INPUT_1, 1))
    def test_an_input_that_is_not_read_has_no_adapter(self, genome, read):
        model = _build(genome, [(8, 8, 3), (8, 8, 6)], 4, 1)
        adapters = [w.shape for w in model.get_weights() if w.shape[:2] == (1, 1)]
        self.assertEqual(adapters, [(1, 1, (3, 6)[read], 4)])


if __name__ == "__main__":
    tf.test.main()
