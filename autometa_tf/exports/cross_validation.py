"""What accuracy to expect of a classifier: support images asked of all others."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from scipy import optimize

from autometa_tf.exports.learner import Learner

MAX_IMAGES = 60
_MOST_LEFT_OUT = 12
# Images whose pixels differ by less on average, as a share of white, are one photo: saved
# twice, or compressed again. Two photos of one thing differ by about 0.1.
_COPIES_DIFFER_BY = 0.015
_Z = 1.96
# Between these a classifier is at most e^3 times too sure, or e^2 times too shy.
_LOG_TEMPERATURES = (-2.0, 3.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """What a learner says of support images that it has not been shown.

    Attributes:
      indices: The true classes by number, `[n]`.
      logits: What was said of each, `[n, K]`.
      num_copied: How many of the images have copies among the others, which were not
        shown either.
    """

    indices: np.ndarray
    logits: np.ndarray
    num_copied: int = 0

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


def cross_validate(
    learner: Learner,
    images: np.ndarray,
    labels: np.ndarray,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> CrossValidation | None:
    """Adapts to all support images but a few and asks for those few, again and again.

    It is one image that is left out, and of 32 images and more a sixteenth of them (12
    at most), so that this takes few adaptations where each takes long. Copies of an
    image are left out with it: who has seen one knows the other. Of more than
    `MAX_IMAGES` images as many are asked for, drawn at random but always the same. Some
    image of each class is always shown.

    Args:
      learner: What adapts.
      images: `[S, H, W, C]`, as `Learner.fit` takes them.
      labels: `[S]`, their labels.
      report: Called with the number of images done, and of all.

    Returns:
      What was found; None where each class has but one image.
    """
    indices = np.unique(labels, return_inverse=True)[1]
    parts = _parts(images, indices)
    if not parts:
        return None
    asked, logits = [], []
    total = sum(len(part.asked) for part in parts)
    for part in parts:
        classifier = learner.fit(images[part.shown], labels[part.shown])
        logits.append(classifier.decision_function(images[part.asked]))
        asked += part.asked
        report(len(asked), total)
    return CrossValidation(
        indices=indices[asked],
        logits=np.concatenate(logits),
        num_copied=sum(part.num_copied for part in parts),
    )


@dataclasses.dataclass
class _Part:
    """Images that are asked for, by number, while others are shown, bool `[S]`."""

    asked: list[int]
    shown: np.ndarray
    num_copied: int = 0


def _parts(images: np.ndarray, indices: np.ndarray) -> list[_Part]:
    """What is asked for in turn, of images whose classes are numbered."""
    pixels = images.astype(np.float32) / (255 if images.dtype == np.uint8 else 1)
    num_classes = len(np.unique(indices))

    def shows_all_classes(shown: np.ndarray) -> bool:
        return len(np.unique(indices[shown])) == num_classes

    size = min(max(len(images) // 16, 1), _MOST_LEFT_OUT)
    parts: list[_Part] = []
    for number in np.random.default_rng(0).permutation(len(images)).tolist():
        others = ~_copies_of(number, pixels)
        if not shows_all_classes(others):
            continue
        last = parts[-1] if parts else None
        if (
            last is None
            or len(last.asked) == size
            or not shows_all_classes(last.shown & others)
        ):
            last = _Part(asked=[], shown=np.ones(len(images), bool))
            parts.append(last)
        last.asked.append(number)
        last.shown &= others
        last.num_copied += int(np.sum(~others) > 1)
        if sum(len(part.asked) for part in parts) == MAX_IMAGES:
            break
    return parts


def _copies_of(number: int, pixels: np.ndarray) -> np.ndarray:
    """Which images are copies of one, itself among them, bool `[S]`."""
    differences = np.abs(pixels - pixels[number]).mean(axis=(1, 2, 3))
    return differences < _COPIES_DIFFER_BY
