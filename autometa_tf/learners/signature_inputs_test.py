"""Tests of what exported signatures refuse, called as their users call them."""

import tempfile

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.signature_inputs import (
    checked_class_numbers,
    checked_images,
    checked_labels,
    checked_shown,
    checked_weights,
    checked_weights_of_any_ways,
)

_IMAGES = np.linspace(0, 1, 3 * 4 * 5 * 2, dtype=np.float32).reshape(3, 4, 5, 2)
_LABELS = np.array([0, 2, 1], np.int32)
_Refused = tf.errors.InvalidArgumentError


class _Module(tf.Module):
    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 4, 5, 2], tf.float32, "images"),
            tf.TensorSpec([None], tf.int32, "labels"),
        ]
    )
    def echo(self, images, labels):
        images = checked_images(images, "support_images", (4, 5, 2))
        labels = checked_labels(labels, images, 3)
        total = tf.reduce_sum(images) + tf.reduce_sum(tf.cast(labels, tf.float32))
        return {"sum": total}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, "weights"),
            tf.TensorSpec([None], tf.bool, "shown"),
        ]
    )
    def echo_adapted(self, weights, shown):
        shown = checked_shown(shown, 3)
        total = tf.reduce_sum(checked_weights(weights, 5))
        return {"sum": total + tf.reduce_sum(tf.cast(shown, tf.float32))}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 4, 5, 2], tf.float32, "images"),
            tf.TensorSpec([None], tf.int32, "labels"),
        ]
    )
    def echo_any(self, images, labels):
        images = checked_images(images, "support_images", (4, 5, 2))
        labels = checked_class_numbers(labels, images)
        return {"sum": tf.reduce_sum(labels)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, "weights"),
            tf.TensorSpec([None], tf.bool, "shown"),
        ]
    )
    def echo_adapted_any(self, weights, shown):
        """Of two weights for each class and one more, as if."""
        weights = checked_weights_of_any_ways(
            weights, lambda number: (number % 2 == 1) & (number > 3)
        )
        shown = checked_shown(shown, (tf.shape(weights)[0] - 1) // 2)
        total = tf.reduce_sum(weights)
        return {"sum": total + tf.reduce_sum(tf.cast(shown, tf.float32))}


class SignatureInputsTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        module = _Module()
        signatures = {
            "serving_default": module.echo,
            "adapted": module.echo_adapted,
            "any": module.echo_any,
            "adapted_any": module.echo_adapted_any,
        }
        tf.saved_model.save(module, folder, signatures=signatures)
        cls.loaded = tf.saved_model.load(folder)

    def _call(self, images, labels, name="serving_default"):
        signature = self.loaded.signatures[name]
        return signature(images=tf.constant(images), labels=tf.constant(labels))["sum"]

    def _call_adapted(self, weights, shown, name="adapted"):
        signature = self.loaded.signatures[name]
        weights = tf.constant(weights, tf.float32)
        return signature(weights=weights, shown=tf.constant(shown, tf.bool))["sum"]

    def test_what_fits_is_taken(self):
        self.assertAllClose(self._call(_IMAGES, _LABELS), _IMAGES.sum() + 3)
        self.assertAllClose(self._call_adapted([1.0] * 5, [True, False, True]), 7)

    @parameterized.parameters(([1.0] * 4,), ([[1.0]] * 5,), (1.0,))
    def test_weights_of_another_shape_are_refused(self, weights):
        with self.assertRaisesRegex(_Refused, r"`weights` must be .* shape \[5\]"):
            self._call_adapted(weights, [True] * 3)

    @parameterized.parameters(([True] * 4,), ([[True]] * 3,), (True,))
    def test_shown_of_another_shape_is_refused(self, shown):
        with self.assertRaisesRegex(_Refused, r"`shown` must be bool of shape \[3\]"):
            self._call_adapted([1.0] * 5, shown)

    def test_no_class_shown_is_refused(self):
        with self.assertRaisesRegex(_Refused, "`shown` must name at least one class"):
            self._call_adapted([1.0] * 5, [False] * 3)

    @parameterized.parameters(
        ([3, 4, 5, 3],), ([3, 5, 4, 2],), ([3, 8, 10, 2],), ([4, 5, 2],), ([2],)
    )
    def test_images_of_another_shape_are_refused(self, shape):
        with self.assertRaisesRegex(
            _Refused,
            r"`support_images` must be float32 of shape \[images, 4, 5, 2\]. Received:"
            rf".*\[{' '.join(map(str, shape))}\]",
        ):
            self._call(np.zeros(shape, np.float32), _LABELS)

    def test_a_dimension_too_many_is_refused(self):
        with self.assertRaisesRegex(_Refused, "of shape"):
            self._call(_IMAGES[..., np.newaxis], _LABELS)

    @parameterized.parameters(-1.0, 255.0, np.nan)
    def test_other_pixels_are_refused(self, value):
        with self.assertRaisesRegex(_Refused, r"pixels in \[0, 1\]"):
            self._call(np.full_like(_IMAGES, value), _LABELS)

    @parameterized.parameters(([[0], [1], [2]],), ([0, 1],), (np.eye(3).tolist(),))
    def test_labels_of_another_shape_are_refused(self, labels):
        with self.assertRaisesRegex(_Refused, "one label for each support image"):
            self._call(_IMAGES, np.array(labels, np.int32))

    @parameterized.parameters(-1, 3)
    def test_labels_of_no_class_are_refused(self, label):
        with self.assertRaisesRegex(_Refused, r"in \[0, 3\)"):
            self._call(_IMAGES, np.array([0, label, 1], np.int32))

    def test_no_images_are_refused(self):
        with self.assertRaisesRegex(_Refused, "at least one image"):
            self._call(_IMAGES[:0], _LABELS[:0])

    @parameterized.parameters(([2, 0, 1], 3), ([1, 0, 1], 2))
    def test_labels_that_number_classes_are_taken(self, labels, total):
        labels = np.array(labels, np.int32)
        self.assertEqual(self._call(_IMAGES, labels, "any"), total)

    @parameterized.parameters(
        ([1, 2, 3], r"\[0, number of classes\)"),
        ([0, 0, 0], "of at least 2 classes"),
        ([0, 1, 3], r"Received labels of.*\[0 1 3\]"),
        ([0, 1, -1], r"Received labels of.*\[-1 0 1\]"),
        ([0, 1], "one label for each support image"),
        ([[0], [1], [2]], "one label for each support image"),
    )
    def test_labels_that_number_no_classes_are_refused(self, labels, message):
        with self.assertRaisesRegex(_Refused, message):
            self._call(_IMAGES, np.array(labels, np.int32), "any")

    @parameterized.parameters(2, 3, 9)
    def test_weights_of_any_ways_are_taken(self, ways):
        weights = [1.0] * (2 * ways + 1)
        total = self._call_adapted(weights, [True] * ways, "adapted_any")
        self.assertEqual(total, 3 * ways + 1)

    @parameterized.parameters(
        ([1.0] * 6, [True] * 3, "`weights` must be float32, as `adapt` returns them"),
        ([[1.0]] * 7, [True] * 3, "`weights` must be float32, as `adapt` returns them"),
        (1.0, [True] * 3, "`weights` must be float32, as `adapt` returns them"),
        ([1.0] * 7, [True] * 4, r"shape \[the classes of `weights`\]"),
        ([1.0] * 7, [[True]] * 3, r"shape \[the classes of `weights`\]"),
        ([1.0] * 7, [False] * 3, "`shown` must name at least one class"),
    )
    def test_weights_of_no_ways_are_refused(self, weights, shown, message):
        with self.assertRaisesRegex(_Refused, message):
            self._call_adapted(weights, shown, "adapted_any")


if __name__ == "__main__":
    tf.test.main()
