"""Tests of dividing classes into splits."""

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.episodes.class_splits import divide_classes, held_out_classes
from autometa_tf.episodes.dataset import class_images_from


def _classes(num_classes: int):
    """Classes named by their number, each with one image of that value."""
    return class_images_from(
        {str(i): np.full((1, 1, 1, 1), i, np.uint8) for i in range(num_classes)}
    )


class HeldOutClassesTest(parameterized.TestCase):
    @parameterized.parameters(
        {"num_classes": 100, "ways": 5, "expected": (16, 20)},  # mini-ImageNet's.
        {"num_classes": 50, "ways": 5, "expected": (8, 10)},
        {"num_classes": 20, "ways": 5, "expected": (5, 5)},
        {"num_classes": 28, "ways": 5, "expected": (5, 6)},
    )
    def test_keeps_fractions_and_room_for_an_episode(self, num_classes, ways, expected):
        self.assertEqual(held_out_classes(num_classes, ways), expected)


class DivideClassesTest(parameterized.TestCase):
    def test_every_class_lands_in_one_split_with_its_own_images(self):
        splits = divide_classes(_classes(50), 8, 10, split_seed=0)
        names = []
        for split, size in (
            (splits.train, 32),
            (splits.validation, 8),
            (splits.test, 10),
        ):
            self.assertEqual(split.num_classes, size)
            np.testing.assert_array_equal(
                split.images[:, 0, 0, 0], [int(name) for name in split.class_names]
            )
            names += split.class_names
        self.assertCountEqual(names, [str(i) for i in range(50)])

    def test_test_classes_do_not_depend_on_validation(self):
        with_validation = divide_classes(_classes(50), 8, 10, split_seed=4)
        without = divide_classes(_classes(50), 0, 10, split_seed=4)
        self.assertEqual(with_validation.test.class_names, without.test.class_names)
        self.assertEqual(without.validation.num_classes, 0)
        self.assertEqual(without.train.num_classes, 40)

    def test_is_the_frozen_shuffle_of_the_seed(self):
        splits = divide_classes(_classes(6), 1, 2, split_seed=0)
        # np.random.RandomState(0).permutation(6) is [5, 2, 1, 3, 0, 4].
        self.assertEqual(splits.train.class_names, ("1", "2", "5"))
        self.assertEqual(splits.validation.class_names, ("3",))
        self.assertEqual(splits.test.class_names, ("0", "4"))

    def test_another_seed_divides_differently(self):
        names = {
            divide_classes(_classes(50), 8, 10, seed).test.class_names
            for seed in range(5)
        }
        self.assertLen(names, 5)

    def test_refuses_to_leave_no_class_to_train_with(self):
        with self.assertRaisesRegex(ValueError, r"the 5 classes.*Received: 2 \+ 3"):
            divide_classes(_classes(5), 2, 3, split_seed=0)


if __name__ == "__main__":
    absltest.main()
