"""Tests of the records that hold a dataset."""

import dataclasses
import pickle

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.episodes.dataset import (
    ClassImages,
    ClassSplits,
    DatasetError,
    class_images_from,
    empty_classes,
)


def _classes(**sizes: int) -> ClassImages:
    """Classes of 2x3x1 images; image `k` of class number `i` has value 10 * i + k."""
    return class_images_from(
        {
            name: np.stack(
                [np.full((2, 3, 1), 10 * i + k, np.uint8) for k in range(size)]
            )
            for i, (name, size) in enumerate(sizes.items())
        }
    )


class ClassImagesTest(parameterized.TestCase):
    def test_every_class_owns_its_images(self):
        classes = _classes(a=2, b=1, c=3)
        self.assertEqual(classes.num_classes, 3)
        self.assertEqual(classes.image_shape, (2, 3, 1))
        np.testing.assert_array_equal(classes.offsets, [0, 2, 3, 6])
        np.testing.assert_array_equal(
            classes.images[:, 0, 0, 0], [0, 1, 10, 20, 21, 22]
        )
        np.testing.assert_array_equal(classes.class_images(2)[:, 1, 2, 0], [20, 21, 22])

    def test_select_keeps_the_given_order(self):
        chosen = _classes(a=2, b=1, c=3).select([2, 0])
        self.assertEqual(chosen.class_names, ("c", "a"))
        np.testing.assert_array_equal(chosen.offsets, [0, 3, 5])
        np.testing.assert_array_equal(chosen.images[:, 0, 0, 0], [20, 21, 22, 0, 1])

    def test_select_nothing_keeps_the_image_shape(self):
        chosen = _classes(a=2).select([])
        self.assertEqual(chosen.num_classes, 0)
        self.assertEqual(chosen.image_shape, (2, 3, 1))

    @parameterized.named_parameters(
        ("float_images", {"images": np.zeros((6, 2, 3, 1), np.float32)}, "uint8"),
        ("flat_images", {"images": np.zeros((6, 2, 3), np.uint8)}, "shape"),
        ("missing_offset", {"offsets": np.array([0, 2, 6])}, r"shape \[4\]"),
        ("int32_offsets", {"offsets": np.array([0, 2, 3, 6], np.int32)}, "int64"),
        ("short_offsets", {"offsets": np.array([0, 2, 3, 5])}, "0 to the 6 images"),
        ("late_offsets", {"offsets": np.array([1, 2, 3, 6])}, "0 to the 6 images"),
        ("empty_class", {"offsets": np.array([0, 2, 2, 6])}, "'b': none"),
        ("falling_offsets", {"offsets": np.array([0, 4, 3, 6])}, "'b': none"),
        ("equal_names", {"class_names": ("a", "b", "a")}, "distinct"),
    )
    def test_refuses_what_does_not_fit(self, change, message):
        with self.assertRaisesRegex(ValueError, message):
            dataclasses.replace(_classes(a=2, b=1, c=3), **change)

    def test_an_episode_may_use_every_class_and_all_common_images(self):
        _classes(a=2, b=3).check_episode(2, 2, "test")

    @parameterized.parameters(0, 3)
    def test_too_many_ways_names_the_limit(self, ways):
        with self.assertRaisesRegex(
            ValueError, rf"at most the 2 classes of the test split. Received: {ways}\."
        ):
            _classes(a=2, b=3).check_episode(ways, 1, "test")

    @parameterized.parameters(0, 3)
    def test_too_many_images_names_the_smallest_class(self, images_per_class):
        with self.assertRaisesRegex(
            ValueError, rf"2 images of class 'a'.*Received: {images_per_class}\."
        ):
            _classes(a=2, b=3).check_episode(2, images_per_class, "test")

    @parameterized.parameters(
        ("train_shots", 7, 0, "`train_shots` .* most 6.*: 7. Give --train_shots=6 or"),
        ("shots", 7, 1, "`shots` .* at most 5.*less the 1 of `q.*: 6. Give --shots=5"),
        ("shots", 7, 5, "`shots` .* at most 1.*less the 5 of `q.*: 2. Give --shots=1"),
        (
            "shots",
            8,
            6,
            "`queries_per_class` .* at most 4.* less the 2 of `shots`.*: 6",
        ),
        ("shots", 9, 6, "Give --queries_per_class=3 or less"),
        ("images_per_class", 7, 0, r"Received: 7\. Give images_per_class=6 or less"),
    )
    def test_too_few_images_say_which_flag_would_work(
        self, field, number, num_queries, message
    ):
        classes = _classes(a=6, b=9)
        with self.assertRaisesRegex(ValueError, message):
            classes.check_episode(2, number, "train", field, num_queries)

    def test_what_it_says_would_work_works(self):
        classes = _classes(a=6, b=9)
        classes.check_episode(2, 6, "train", "train_shots")
        classes.check_episode(2, 5 + 1, "train", "shots", 1)
        classes.check_episode(2, 2 + 4, "train", "shots", 4)

    def test_a_class_of_one_image_can_only_be_added_to(self):
        with self.assertRaisesRegex(ValueError, "Add images to that class"):
            _classes(a=1, b=9).check_episode(2, 2, "test", "shots", 1)

    def test_too_few_classes_say_how_many_ways_would_work(self):
        with self.assertRaisesRegex(ValueError, "Give --ways=2 or less, or add cl"):
            _classes(a=2, b=2).check_episode(3, 2, "test")
        with self.assertRaisesRegex(ValueError, "Add classes to the test split"):
            _classes(a=2).check_episode(3, 2, "test")


class ClassSplitsTest(absltest.TestCase):
    def test_holds_three_splits(self):
        splits = ClassSplits(_classes(a=1), empty_classes((2, 3, 1)), _classes(b=1))
        self.assertEqual(splits.image_shape, (2, 3, 1))
        self.assertEqual(splits.validation.num_classes, 0)

    def test_refuses_a_class_in_two_splits(self):
        with self.assertRaisesRegex(ValueError, "more than one: b"):
            ClassSplits(_classes(a=1, b=1), _classes(c=1), _classes(b=1))

    def test_refuses_different_image_shapes(self):
        with self.assertRaisesRegex(ValueError, r"\(2, 3, 1\), \(3, 2, 1\)"):
            ClassSplits(_classes(a=1), empty_classes((3, 2, 1)), _classes(b=1))


class DatasetErrorTest(absltest.TestCase):
    def test_is_one_printable_line(self):
        text = str(DatasetError("Жук in 'a\nb\x1b[0m\udc80'."))
        self.assertEqual(text, r"Жук in 'a\nb\x1b[0m\udc80'.")

    def test_survives_pickling(self):
        error = DatasetError("a\nb")
        self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))


if __name__ == "__main__":
    absltest.main()
