"""What accuracy to expect of a classifier: each support image asked of all others."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from scipy import optimize

from autometa_tf.exports.learner import Learner

# Each image costs one adaptation, a second or so.
MAX_IMAGES = 60
_Z = 1.96
# Between these a classifier is at most e^3 times too sure, or e^2 times too shy.
_LOG_TEMPERATURES = (-2.0, 3.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LeaveOneOut:
    """What a learner says of support images that it has not been shown.

    Attributes:
      indices: The true classes by number, `[n]`.
      logits: What was said of each, `[n, K]`.
    """

    indices: np.ndarray
    logits: np.ndarray

    @property
    def num_right(self) -> int:
        """How many images were given their class."""
        return int(np.sum(self.logits.argmax(axis=1) == self.indices))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the accuracy, in [0, 1] (Wilson 1927)."""
        n = len(self.indices)
        share, z = self.num_right / n, _Z
        middle = share + z**2 / (2 * n)
        width = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        scale = 1 + z**2 / n
        return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)

    def temperature(self) -> float:
        """What to divide logits by so that probabilities fit best (Guo et al. 2017)."""

        def loss(log_temperature: float) -> float:
            scaled = self.logits.astype(np.float64) / math.exp(log_temperature)
            scaled -= scaled.max(axis=1, keepdims=True)
            log_sums = np.log(np.exp(scaled).sum(axis=1))
            return float(
                np.mean(log_sums - scaled[np.arange(len(scaled)), self.indices])
            )

        found = optimize.minimize_scalar(
            loss, bounds=_LOG_TEMPERATURES, method="bounded"
        )
        return math.exp(found.x)


def leave_one_out(
    learner: Learner,
    images: np.ndarray,
    labels: np.ndarray,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> LeaveOneOut | None:
    """Adapts to all support images but one and asks for that one, again and again.

    Of more than `MAX_IMAGES` images as many are asked for, drawn at random but always
    the same. A class of one image is never left out.

    Args:
      learner: What adapts.
      images: `[S, H, W, C]`, as `Learner.fit` takes them.
      labels: `[S]`, their labels.
      report: Called with the number of images done, and of all.

    Returns:
      What was found; None where each class has but one image.
    """
    classes, indices, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    asked = np.flatnonzero(counts[indices] > 1)
    if not len(asked):
        return None
    order = np.random.default_rng(0).permutation(len(asked))
    asked = np.sort(asked[order[:MAX_IMAGES]])
    logits = []
    for done, number in enumerate(asked, start=1):
        others = np.arange(len(labels)) != number
        classifier = learner.fit(images[others], labels[others])
        logits.append(classifier.decision_function(images[number : number + 1])[0])
        report(done, len(asked))
    return LeaveOneOut(indices=indices[asked], logits=np.array(logits))
