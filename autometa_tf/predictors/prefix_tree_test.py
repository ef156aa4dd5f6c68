import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.predictors.encoding import encode_genomes
from autometa_tf.predictors.prefix_tree import build_prefix_tree


def _beginnings(tree):
    """Follows the tree: all beginnings, shortest first."""
    beginnings = []
    last = [()]
    for tokens, parents in zip(tree.tokens, tree.parents, strict=True):
        last = [
            (*last[parent], token)
            for token, parent in zip(tokens.tolist(), parents.tolist(), strict=True)
        ]
        beginnings += last
    return beginnings


class PrefixTreeTest(parameterized.TestCase):
    def check(self, sequences):
        sequences = np.array(sequences, np.int32)
        tree = build_prefix_tree(sequences)
        beginnings = _beginnings(tree)
        rows = [tuple(token for token in row if token) for row in sequences.tolist()]
        self.assertEqual([beginnings[end] for end in tree.ends], rows)
        self.assertCountEqual(
            beginnings, {row[: i + 1] for row in rows for i in range(len(row))}
        )

    @parameterized.named_parameters(
        ("one", [[3]]),
        ("nothing_shared", [[1, 2], [2, 1]]),
        ("beginning_shared", [[1, 2, 3], [1, 2, 4], [1, 3, 3]]),
        ("same_token_after_other_beginning", [[1, 5], [2, 5]]),
        ("equal_sequences", [[1, 2], [1, 2], [1, 2]]),
        ("unsorted", [[2, 2], [1, 1], [2, 1], [1, 2]]),
        ("padded", [[1, 2, 3], [1, 2, 0], [1, 0, 0], [2, 1, 0]]),
        ("all_shorter_than_the_padding", [[1, 0], [2, 0]]),
    )
    def test_small(self, sequences):
        self.check(sequences)

    @parameterized.parameters(range(5))
    def test_random(self, seed):
        generator = np.random.default_rng(seed)
        sequences = generator.integers(1, 4, (40, 6))
        sequences[np.arange(6) >= generator.integers(1, 7, (40, 1))] = 0
        self.check(sequences)

    def test_of_genomes_of_two_sizes(self):
        parents = one_block_genomes()[:10]
        self.check(encode_genomes(expand_beam(parents) + parents))


if __name__ == "__main__":
    absltest.main()
