"""Scores as logits, in which a predictor learns them, and back."""

import numpy as np

# Scores closer than this to 0 or 1 are moved to this distance, so that their logits are
# finite.
_MIN_DISTANCE = 1e-3


def logit(scores: np.ndarray) -> np.ndarray:
    """The finite logits of scores in [0, 1]."""
    scores = np.clip(scores, _MIN_DISTANCE, 1 - _MIN_DISTANCE)
    return np.log(scores / (1 - scores))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The scores that have these logits, in (0, 1)."""
    return 1 / (1 + np.exp(-logits))
