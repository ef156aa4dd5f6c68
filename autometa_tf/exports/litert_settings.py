"""What one has to know to use a learner's LiteRT file, as JSON beside it."""

import dataclasses
from typing import Any

from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.learners.scoring_config import balanced_batch_size

DEFAULT_WAYS = 10  # Of a learner that takes any number of classes.
_MOST_SUPPORT = 1000  # Images, with each of which every answer computes.


@dataclasses.dataclass(frozen=True, kw_only=True)
class LiteRTRoom:
    """For how much a LiteRT file is to have room.

    Attributes:
      ways: The most classes to learn, at least 2. None is `DEFAULT_WAYS`, or the number
        that the learner was trained with; without a shared head there is no other.
      shots: The most support images of a class.
    """

    ways: int | None = None
    shots: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class LiteRTSettings:
    """How a learner's LiteRT file is to be used.

    Its tensors have fixed sizes with room for the most classes and images. What holds no
    image, or no class, is marked so and changes nothing.

    Attributes:
      image_shape: The shape `(H, W, C)` of the images, float32 in [0, 1].
      drawings: Whether images are drawings, dark on white; else they are photos.
      ways: The number of classes that there is room for.
      shots: The number of support images of each class that there is room for.
      inner_iterations: The number of calls of `step` that learn a support set; more of
        them where they would otherwise hold fewer images than `support_passes` times
        the support set.
      support_passes: See `inner_iterations`.
      batch_size: The number of images that a batch has room for.
      batch_sizes: The number of images in a batch, by the number of classes to learn
        from 2 to `ways`.
      class_balanced_batches: Whether classes take turns in the batches; else these are
        drawn from the whole support set.
      shared_head: Whether classes that are not shown are left out of learning. If not,
        `step` must be told that all are shown, and only `predict` leaves them out.
      state: The names of what `start` returns, and `step` takes and returns.
    """

    image_shape: tuple[int, int, int]
    drawings: bool
    ways: int
    shots: int
    inner_iterations: int
    support_passes: int
    batch_size: int
    batch_sizes: tuple[int, ...]
    class_balanced_batches: bool
    shared_head: bool
    state: tuple[str, ...]

    @property
    def support_size(self) -> int:
        """The number of images that a support set has room for."""
        return self.ways * self.shots

    def to_json(self) -> dict[str, Any]:
        """What the file beside it has."""
        content = dataclasses.asdict(self) | {"support_size": self.support_size}
        sizes = dict(enumerate(self.batch_sizes, start=2))
        content["batch_sizes"] = {str(ways): size for ways, size in sizes.items()}
        return content


def litert_settings(parts: LearnerParts, room: LiteRTRoom) -> LiteRTSettings:
    """The settings of a learner's file.

    Raises:
      ValueError: There are too few or too many classes or images.
    """
    adaptation = parts.adaptation
    ways, shots = _checked_ways(parts, room.ways), room.shots
    if shots < 1 or ways * shots > _MOST_SUPPORT:
        raise ValueError(
            f"`shots` must be at least 1, and with {ways} classes at most "
            f"{_MOST_SUPPORT // ways}. Received: {shots}."
        )
    size = adaptation.inner_batch_size
    fits_classes = adaptation.shared_head and adaptation.class_balanced_batches
    sizes = tuple(
        balanced_batch_size(size, classes) if fits_classes else size
        for classes in range(2, ways + 1)
    )
    first = ("first_moments",) if adaptation.adam.inner_beta1 else ()
    return LiteRTSettings(
        image_shape=parts.task.image_shape,
        drawings=parts.drawings,
        ways=ways,
        shots=shots,
        inner_iterations=adaptation.inner_iterations,
        support_passes=adaptation.support_passes,
        batch_size=max(sizes),
        batch_sizes=sizes,
        class_balanced_batches=adaptation.class_balanced_batches,
        shared_head=adaptation.shared_head,
        state=("weights", *first, "second_moments", "step"),
    )


def _checked_ways(parts: LearnerParts, ways: int | None) -> int:
    trained = parts.task.ways
    if parts.adaptation.shared_head:
        ways = DEFAULT_WAYS if ways is None else ways
        if not 2 <= ways <= _MOST_SUPPORT:
            raise ValueError(
                f"`ways` must be in [2, {_MOST_SUPPORT}]. Received: {ways}."
            )
    elif ways not in (None, trained):
        raise ValueError(
            f"`ways` must be {trained}, with which the learner was trained, since it was "
            f"trained without --shared_head. Received: {ways}."
        )
    return ways or trained
