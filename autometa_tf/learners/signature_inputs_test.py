"""Tests of what exported signatures refuse, called as their users call them."""

import tempfile

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.signature_inputs import (
    checked_images,
    checked_labels,
    checked_shown,
    checked_weights,
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


class SignatureInputsTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        module = _Module()
        signatures = {"serving_default": module.echo, "adapted": module.echo_adapted}
        tf.saved_model.save(module, folder, signatures=signatures)
        cls.loaded = tf.saved_model.load(folder)

    def _call(self, images, labels):
        signature = self.loaded.signatures["serving_default"]
        return signature(images=tf.constant(images), labels=tf.constant(labels))["sum"]

    def _call_adapted(self, weights, shown):
        signature = self.loaded.signatures["adapted"]
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


if __name__ == "__main__":
    tf.test.main()
