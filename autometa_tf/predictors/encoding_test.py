import numpy as np
from absl.testing import absltest

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import MAX_NUM_BLOCKS, Block, Genome
from autometa_tf.predictors.encoding import NUM_TOKENS, encode_genomes

_CHAIN = Genome(
    tuple(Block(i, "conv3x3", i + 1, "max_pool3x3") for i in range(MAX_NUM_BLOCKS))
)


class EncodingTest(absltest.TestCase):
    def test_four_tokens_a_block_in_order(self):
        genome = Genome((Block(0, "conv3x3", 1, "conv1x5_5x1"),))
        # 0 is padding, 1 to 12 are the inputs of up to 10 blocks, 13 to 17 operations.
        self.assertEqual(encode_genomes([genome]).tolist(), [[1, 13, 2, 14]])

    def test_pads_smaller_genomes_behind(self):
        small = Genome(_CHAIN.blocks[:1])
        tokens = encode_genomes([small, Genome(_CHAIN.blocks[:3])])
        self.assertEqual(tokens.shape, (2, 12))
        self.assertEqual(tokens[0, :4].tolist(), encode_genomes([small])[0].tolist())
        self.assertTrue((tokens[0, 4:] == 0).all())
        self.assertTrue((tokens[1] > 0).all())

    def test_different_genomes_have_different_tokens(self):
        genomes = expand_beam(one_block_genomes()[:5])
        self.assertLen(np.unique(encode_genomes(genomes), axis=0), len(genomes))

    def test_inputs_and_operations_share_no_token(self):
        tokens = encode_genomes([_CHAIN])
        self.assertEmpty(np.intersect1d(tokens[:, 0::2], tokens[:, 1::2]))
        self.assertLess(tokens.max(), NUM_TOKENS)

    def test_of_nothing(self):
        self.assertEqual(encode_genomes([]).shape, (0, 0))


if __name__ == "__main__":
    absltest.main()
