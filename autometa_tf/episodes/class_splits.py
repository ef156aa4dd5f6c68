"""Dividing the classes of a dataset into train, validation and test classes."""

import numpy as np

from autometa_tf.episodes.dataset import ClassImages, ClassSplits

VALIDATION_FRACTION = 0.16
TEST_FRACTION = 0.20


def held_out_classes(num_classes: int, ways: int = 1) -> tuple[int, int]:
    """How many classes validate and test: 16 % and 20 %, as in mini-ImageNet.

    With few classes the two are raised to `ways`, so that an episode fits in them.
    """
    validation = max(ways, round(VALIDATION_FRACTION * num_classes))
    test = max(ways, round(TEST_FRACTION * num_classes))
    return validation, test


def divide_classes(
    classes: ClassImages, num_validation: int, num_test: int, split_seed: int
) -> ClassSplits:
    """Shuffles the classes with a seed and divides them.

    The test classes depend on `num_test` and the seed only, so that divisions with and
    without validation classes are tested on the same ones.

    Args:
      classes: All classes; they stay in their order within a split.
      num_validation: How many classes validate, at least 0.
      num_test: How many classes test; at least one class is left to train with.
      split_seed: Seed of the shuffle, in [0, 2**32).

    Raises:
      ValueError: No class would be left to train with.
    """
    num_train = classes.num_classes - num_validation - num_test
    if num_train < 1:
        raise ValueError(
            "`num_validation` + `num_test` must be less than the "
            f"{classes.num_classes} classes, so that at least one trains. "
            f"Received: {num_validation} + {num_test}."
        )
    # RandomState's stream is frozen for good, which that of NumPy's newer generators is
    # not: the test classes must stay the same for as long as results are compared.
    order = np.random.RandomState(split_seed).permutation(classes.num_classes)
    test = num_train + num_validation
    return ClassSplits(
        train=classes.select(sorted(order[:num_train])),
        validation=classes.select(sorted(order[num_train:test])),
        test=classes.select(sorted(order[test:])),
    )
