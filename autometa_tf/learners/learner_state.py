"""What a learner has learned, for scoring and export, and for going on.

Letters: `M` meta-batch size, `P` weights of one network.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from autometa_tf.learners.adam import AdamState


class LearnerState(NamedTuple):
    """What meta-training has learned: where episodes begin.

    Attributes:
      weights: float32 `[P]`, theta.
      adam: Adam's state, the mean over the slots of the meta-batch.
    """

    weights: tf.Tensor
    adam: AdamState


class SlotArrays(NamedTuple):
    """A learner's state as arrays, the contents of a checkpoint.

    Attributes:
      iteration: Outer iterations made.
      weights: float32 `[P]`, theta.
      first_moments: float32 `[M, P]`, or `[M, 0]` when beta1 is 0.
      second_moments: float32 `[M, P]`.
    """

    iteration: int
    weights: np.ndarray
    first_moments: np.ndarray
    second_moments: np.ndarray
