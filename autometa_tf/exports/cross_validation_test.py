import math

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.exports import cross_validation as module
from autometa_tf.exports.cross_validation import CrossValidation, cross_validate


class _Nearest:
    """Fits by keeping what it is shown; its logits are minus distances."""

    def __init__(self):
        self.shown = []

    def fit(self, images, labels):
        self.shown.append(list(images.ravel()))
        self.classes = np.unique(labels)
        self.means = [images[labels == name].mean() for name in self.classes]
        return self

    def decision_function(self, images):
        return -np.abs(images.reshape(-1, 1) - np.array(self.means)).astype(np.float32)


def _images(*values):
    return np.array(values, np.float32).reshape(-1, 1, 1, 1)


class CrossValidationTest(parameterized.TestCase):
    def test_each_image_is_asked_for_while_all_others_are_shown(self):
        learner = _Nearest()
        found = cross_validate(learner, _images(1, 2, 9, 8, 3), np.array(list("aabbb")))
        self.assertCountEqual(
            learner.shown,
            [[2, 9, 8, 3], [1, 9, 8, 3], [1, 2, 8, 3], [1, 2, 9, 3], [1, 2, 9, 8]],
        )
        self.assertCountEqual(found.indices, [0, 0, 1, 1, 1])
        # 3 lies nearer to the mean of 1 and 2.
        self.assertEqual(found.num_right, 4)

    @parameterized.parameters((np.float32, 1), (np.uint8, 255))
    def test_copies_are_left_out_together(self, dtype, white):
        learner = _Nearest()
        # The second is the first, compressed again; the third is another photo.
        images = (_images(0.2, 0.21, 0.3, 0.8, 0.8) * white).astype(dtype)
        found = cross_validate(learner, images, np.array(list("aaabb")))
        shown = [[round(x / white, 2) for x in each] for each in learner.shown]
        self.assertCountEqual(
            shown, [[0.3, 0.8, 0.8], [0.3, 0.8, 0.8], [0.2, 0.21, 0.8, 0.8]]
        )
        # Of b there is but one photo.
        np.testing.assert_array_equal(found.indices, [0, 0, 0])
        self.assertEqual(found.num_copied, 2)
        self.assertIsNone(cross_validate(learner, images[[0, 1, 3, 4]], list("aabb")))

    def test_a_class_of_one_image_is_never_left_out(self):
        learner = _Nearest()
        found = cross_validate(learner, _images(1, 2, 9), np.array(["a", "a", "b"]))
        np.testing.assert_array_equal(found.indices, [0, 0])
        self.assertIsNone(cross_validate(learner, _images(1, 9), np.array(["a", "b"])))

    def test_of_many_images_several_are_left_out_at_once(self):
        learner, told = _Nearest(), []
        # Two of a, thirty of b and of c; 16 images would be one at a time, 62 are three.
        values = np.concatenate([[0, 1], np.arange(100, 130), np.arange(200, 230)])
        labels = np.array(["a"] * 2 + ["b"] * 30 + ["c"] * 30)
        found = cross_validate(
            learner, _images(*values), labels, lambda *each: told.append(each)
        )
        self.assertEqual((len(found.indices), found.num_right), (60, 60))
        asked = [sorted(set(values) - set(shown)) for shown in learner.shown]
        self.assertLen(set(sum(asked, [])), 60)
        # Some part ends early, as it would leave no a.
        self.assertTrue(all(1 <= len(each) <= 3 for each in asked))
        self.assertLessEqual(len(asked), 22)
        self.assertTrue(all(not {0, 1} <= set(each) for each in asked))
        self.assertEqual(told[-1], (60, 60))

    def test_a_copy_in_another_class_does_not_empty_that(self):
        images, labels = _images(1, 2, 1, 5, 6), np.array(list("aabcc"))
        found = cross_validate(_Nearest(), images, labels)
        # Neither the first a nor b, which is the same photo.
        self.assertCountEqual(found.indices, [0, 2, 2])
        self.assertEqual(found.logits.shape, (3, 3))

    def test_of_many_images_some_are_asked_for(self):
        values = np.arange(2 * module.MAX_IMAGES, dtype=np.float32)
        labels = np.where(values < module.MAX_IMAGES, "a", "b")
        told = []
        found = cross_validate(
            _Nearest(), _images(*values), labels, lambda *each: told.append(each)
        )
        self.assertLen(found.indices, module.MAX_IMAGES)
        self.assertLen(set(found.indices.tolist()), 2)
        self.assertEqual(told[-1], (module.MAX_IMAGES, module.MAX_IMAGES))

    # From the table of the R package `binom` (method "wilson").
    @parameterized.parameters(
        (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775)
    )
    def test_the_interval_is_wilsons(self, num_right, n, low, high):
        logits = np.zeros((n, 2), np.float32)
        logits[:num_right, 0] = logits[num_right:, 1] = 1
        found = CrossValidation(indices=np.zeros(n, int), logits=logits)
        self.assertEqual(found.num_right, num_right)
        np.testing.assert_allclose(found.interval, (low, high), atol=1e-4)

    @parameterized.parameters(0.5, 1.0, 4.0)
    def test_the_temperature_makes_probabilities_true(self, temperature):
        # Of those with a logit of 2 * temperature as many are right as sigmoid(2).
        n = 10_000
        num_right = round(n / (1 + math.exp(-2)))
        logits = np.zeros((n, 2), np.float32)
        logits[:, 0] = 2 * temperature
        indices = (np.arange(n) >= num_right).astype(int)
        found = CrossValidation(indices=indices, logits=logits)
        self.assertAlmostEqual(found.temperature(), temperature, delta=0.01)

    def test_all_right_is_no_reason_to_be_quite_sure(self):
        logits = np.array([[9, 0], [0, 9]], np.float32)
        found = CrossValidation(indices=np.array([0, 1]), logits=logits)
        self.assertGreaterEqual(found.temperature(), math.exp(-2.01))


if __name__ == "__main__":
    absltest.main()
