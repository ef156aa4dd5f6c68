"""The slots of a meta-batch in their order, from variables that replicas hold.

Letters: `M` meta-batch size, `E` episodes side by side, `P` weights of one network.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from autometa_tf.learners.parallel_model import ParallelModel


def slot_rows(
    replicas: Sequence[tf.Variable], model: ParallelModel, meta_batch_size: int
) -> np.ndarray:
    """What the slots have: `[M, P]`, or `[M, 0]` where they have nothing.

    Args:
      replicas: Of each replica `[rounds, E*P]`, or `[rounds, 0]`.
      model: E copies of the network.
      meta_batch_size: M; slots beyond are empty.
    """
    num_rounds, size = replicas[0].shape
    if not size:
        return np.zeros([meta_batch_size, 0], np.float32)
    rows = [  # Slots go round by round, in a round replica by replica.
        model.separate(replica[round_number])
        for round_number in range(num_rounds)
        for replica in replicas
    ]
    return np.concatenate(rows)[:meta_batch_size]


def set_slot_rows(
    replicas: Sequence[tf.Variable], model: ParallelModel, slots: np.ndarray
) -> None:
    """Gives the slots what `slot_rows` returned; empty ones have 0."""
    num_rounds, size = replicas[0].shape
    if not size:
        return
    copies = model.num_parallel_episodes
    padding = num_rounds * len(replicas) * copies - len(slots)
    slots = np.pad(slots, [(0, padding), (0, 0)])
    slots = slots.reshape([num_rounds, len(replicas), copies, -1])
    for i, replica in enumerate(replicas):
        rows = [model.join(row[i]) for row in slots]
        replica.assign(tf.stack(rows))
