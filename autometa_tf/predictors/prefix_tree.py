"""Sequences that share their beginnings, arranged so that each beginning is there once.

A recurrent network has the same state after the same beginning, so it need read that
only once. Of the tokens of a search's 46,500 five-block candidates, a fifth are left.
"""

import dataclasses

import numpy as np

from autometa_tf.predictors.encoding import PADDING


@dataclasses.dataclass(frozen=True, eq=False)
class PrefixTree:
    """The distinct beginnings of sequences, by their length.

    Attributes:
      tokens: For each length, the last tokens of its beginnings, int32 `[nodes]`, at
        least one.
      parents: For each length, the number of the beginning, one token shorter, that
        each beginning continues: int32 `[nodes]`. Those of length 1 all continue the
        one empty beginning, 0.
      ends: For each sequence, the number of the whole of it among all beginnings,
        shortest first: int32 `[sequences]`.
    """

    tokens: list[np.ndarray]
    parents: list[np.ndarray]
    ends: np.ndarray


def build_prefix_tree(sequences: np.ndarray) -> PrefixTree:
    """Arranges sequences.

    Args:
      sequences: int32 `[sequences, length]`, at least one token each, and padding
        behind the last.
    """
    lengths = (sequences != PADDING).sum(axis=1)
    sequences = sequences[:, : lengths.max()]
    order = np.lexsort(sequences.T[::-1])
    rows = sequences[order]
    # In sorted rows, a beginning is new where it differs from that of the row above.
    is_new = np.ones(rows.shape, bool)
    is_new[1:] = np.logical_or.accumulate(rows[1:] != rows[:-1], axis=1)
    is_new &= rows != PADDING
    # The beginning of each length that a row belongs to.
    nodes = np.cumsum(is_new, axis=0, dtype=np.int32) - 1
    before = np.hstack([np.zeros((len(rows), 1), np.int32), nodes[:, :-1]])
    num_shorter = np.concatenate([[0], np.cumsum(is_new.sum(axis=0))])
    last = lengths[order] - 1
    ends = np.empty(len(rows), np.int32)
    ends[order] = num_shorter[last] + nodes[np.arange(len(rows)), last]
    return PrefixTree(
        tokens=[column[new] for column, new in zip(rows.T, is_new.T, strict=True)],
        parents=[column[new] for column, new in zip(before.T, is_new.T, strict=True)],
        ends=ends,
    )
