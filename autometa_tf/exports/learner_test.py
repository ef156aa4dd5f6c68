import os
import tempfile
import tracemalloc
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.exports import learner as learner_file
from autometa_tf.exports.learner import Classifier, load_saved_learner
from autometa_tf.testing.drawings import SHAPE, WAYS, drawings, export_untrained

_KINDS = np.array([0, 1, 2] * 4)
_SUPPORT = drawings(_KINDS)
_NAMES = np.array(["level", "upright", "slanting"])
_LABELS = _NAMES[_KINDS]
_QUERY_KINDS = np.array([0, 1, 2, 2, 1, 0, 1])
_QUERIES = drawings(_QUERY_KINDS, seed=1)


# Name -> what cannot be fitted, and what is said of it.
_NOT_FIT = {
    "none": (_SUPPORT[:0], [], "`labels` must be of 2 to 3 classes.* Received: 0"),
    "labels": (_SUPPORT[:2], ["a"], "`labels` must be one for each of the 2 images"),
    "one_class": (_SUPPORT[:2], ["a", "a"], "`labels` must be of 2 to 3 classes"),
    "many_classes": (
        _SUPPORT[:4],
        ["a", "b", "c", "d"],
        "of 2 to 3 classes: .*`ways` of 3, .* `shared_head` .* Received: 4, a, b, c, d",
    ),
    "size": (_SUPPORT[:2, :7], ["a", "b"], "`images` must be of shape"),
    "absent": (["absent.png"], ["a"], r"absent.png \(no such file\)"),
}


class LearnerTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        export_untrained(cls.folder)
        cls.learner = load_saved_learner(cls.folder)
        cls.classifier = cls.learner.fit(_SUPPORT, _LABELS)

    def test_tells_what_it_takes(self):
        self.assertEqual((self.learner.ways, self.learner.image_shape), (WAYS, SHAPE))
        text = "Learner(ways=3, image_shape=(8, 8, 1))"
        self.assertEqual(repr(self.learner), text)

    @parameterized.parameters(False, True)
    def test_learns_and_answers_with_labels(self, transductive):
        answers = self.classifier.predict(_QUERIES, transductive=transductive)
        self.assertEqual(answers.dtype, self.classifier.classes_.dtype)
        np.testing.assert_array_equal(answers, _NAMES[_QUERY_KINDS])

    @parameterized.parameters(False, True)
    def test_probabilities_have_the_columns_of_classes(self, transductive):
        self.assertEqual(
            self.classifier.classes_.tolist(), ["level", "slanting", "upright"]
        )
        probabilities = self.classifier.predict_proba(
            _QUERIES, transductive=transductive
        )
        self.assertEqual(probabilities.dtype, np.float32)
        self.assertEqual(probabilities.shape, (len(_QUERIES), 3))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(
            self.classifier.classes_[probabilities.argmax(axis=1)],
            self.classifier.predict(_QUERIES, transductive=transductive),
        )

    @parameterized.parameters("adapt_and_predict", "adapt_and_predict_transductive")
    def test_agrees_with_the_signature(self, name):
        model = tf.saved_model.load(self.folder)
        expected = model.signatures[name](
            support_images=tf.constant(_SUPPORT / 255, tf.float32),
            # Labels as their order has them: level, slanting, upright.
            support_labels=tf.constant(np.array([0, 2, 1])[_KINDS], tf.int32),
            query_images=tf.constant(_QUERIES / 255, tf.float32),
        )["probabilities"]
        transductive = name.endswith("transductive")
        answers = self.classifier.predict_proba(_QUERIES, transductive=transductive)
        np.testing.assert_allclose(answers, expected, atol=1e-4)

    def test_a_hundred_of_many_support_images_normalise_a_query(self):
        kinds = np.tile(_KINDS, 20)[:199]
        images = drawings(kinds, seed=2)
        classifier = self.learner.fit(images, _NAMES[kinds])
        self.assertLen(classifier.support, 199)
        expected = self.learner.answers(
            "predict",
            # From the first to the last, every other one.
            support_images=tf.constant(images[::2] / 255, tf.float32),
            query_images=tf.constant(_QUERIES / 255, tf.float32),
            **{name: tf.constant(x) for name, x in classifier.adapted.items()},
        )["probabilities"]
        answers = classifier.predict_proba(_QUERIES)
        np.testing.assert_allclose(answers, expected, atol=1e-6)

    def test_other_labels_in_the_same_order_change_nothing(self):
        expected = self.classifier.predict_proba(_QUERIES)
        for labels in (np.array([-1, 7, 2])[_KINDS], np.array([0.5, 2, 1])[_KINDS]):
            classifier = self.learner.fit(_SUPPORT, labels)
            answers = classifier.predict_proba(_QUERIES)
            np.testing.assert_array_equal(answers, expected)
            self.assertEqual(classifier.predict(_QUERIES).dtype, labels.dtype)
            self.assertEqual(classifier.score(_QUERIES, labels[_QUERY_KINDS]), 1)

    def test_labels_in_another_order_are_learned_too(self):
        for names in (["c", "a", "b"], ["b", "c", "a"]):
            classifier = self.learner.fit(_SUPPORT, np.array(names)[_KINDS])
            answers = classifier.predict(_QUERIES)
            self.assertEqual("".join(answers), "".join(np.array(names)[_QUERY_KINDS]))

    @parameterized.parameters(False, True)
    def test_fewer_classes_share_the_probability(self, transductive):
        few, queries = _KINDS != 1, _QUERIES[_QUERY_KINDS != 1]
        classifier = self.learner.fit(_SUPPORT[few], _LABELS[few])
        answers = classifier.predict_proba(queries, transductive=transductive)
        self.assertEqual(answers.shape, (len(queries), 2))
        np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
        truth = _NAMES[_QUERY_KINDS[_QUERY_KINDS != 1]]
        score = classifier.score(queries, truth, transductive=transductive)
        self.assertEqual(score, 1)

    def test_every_fit_begins_anew(self):
        expected = self.classifier.predict_proba(_QUERIES)
        other = self.learner.fit(255 - _SUPPORT[::-1], _LABELS)
        self.assertGreater(np.abs(other.predict_proba(_QUERIES) - expected).max(), 0.1)
        np.testing.assert_array_equal(self.classifier.predict_proba(_QUERIES), expected)
        again = self.learner.fit(_SUPPORT, _LABELS)
        np.testing.assert_array_equal(again.predict_proba(_QUERIES), expected)

    def test_a_classifier_never_changes(self):
        support, labels = (_SUPPORT / 255).astype(np.float32), _LABELS.copy()
        classifier = self.learner.fit(support, labels)
        expected = classifier.predict_proba(_QUERIES)
        support[:], labels[:] = 0, "?"
        np.testing.assert_array_equal(classifier.predict_proba(_QUERIES), expected)
        with self.assertRaises(ValueError):
            classifier.classes_[0] = "?"
        with self.assertRaises(AttributeError):
            classifier.classes_ = labels

    def test_works_when_the_learner_is_gone(self):
        classifier = load_saved_learner(self.folder).fit(_SUPPORT, _LABELS)
        self.assertEqual(classifier.score(_QUERIES, _NAMES[_QUERY_KINDS]), 1)

    def test_answers_in_chunks_are_those_one_by_one(self):
        expected = np.concatenate(
            [self.classifier.predict_proba(query[np.newaxis]) for query in _QUERIES]
        )
        for size in (1, 3, len(_QUERIES), 100):
            with mock.patch.object(learner_file, "_QUERIES_PER_CALL", size):
                answers = self.classifier.predict_proba(_QUERIES)
            np.testing.assert_allclose(answers, expected, atol=1e-5)

    def test_many_queries_need_little_memory(self):
        queries = np.broadcast_to(_QUERIES[:1], (50_000, *SHAPE))
        learner = mock.Mock(image_shape=SHAPE)
        classifier = Classifier(learner, np.arange(3), tf.zeros([1, *SHAPE]), {})
        answer = {"probabilities": tf.zeros([1, 3])}
        with mock.patch.object(classifier, "_ask", return_value=answer):
            tracemalloc.start()
            classifier.predict_proba(queries)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        self.assertLess(peak, 1e6)  # They are 3 MB, and 13 MB as floats.

    def test_takes_floats_lists_and_files(self):
        expected = self.classifier.predict_proba(_QUERIES)
        paths = []
        for i, query in enumerate(_QUERIES):
            paths.append(os.path.join(self.create_tempdir().full_path, f"{i}.png"))
            Image.fromarray(query[..., 0]).save(paths[-1])
        for same in (
            _QUERIES / 255,
            _QUERIES[..., 0],
            list(_QUERIES),
            paths,
            [Image.open(path) for path in paths],
        ):
            answers = self.classifier.predict_proba(same)
            np.testing.assert_allclose(answers, expected, atol=1e-5)
        fitted = self.learner.fit(paths, _NAMES[_QUERY_KINDS])
        from_array = self.learner.fit(_QUERIES, _NAMES[_QUERY_KINDS])
        np.testing.assert_array_equal(
            fitted.predict_proba(_SUPPORT), from_array.predict_proba(_SUPPORT)
        )

    @parameterized.parameters(False, True)
    def test_no_queries_get_no_answers(self, transductive):
        for none in ([], _QUERIES[:0]):
            answers = self.classifier.predict(none, transductive=transductive)
            self.assertEqual(answers.shape, (0,))
            answers = self.classifier.predict_proba(none, transductive=transductive)
            self.assertEqual(answers.shape, (0, 3))

    def test_score_is_the_part_of_right_answers(self):
        truth = _NAMES[_QUERY_KINDS]
        truth[:2] = truth[1::-1]
        self.assertAlmostEqual(self.classifier.score(_QUERIES, truth), 5 / 7)

    @parameterized.parameters(*_NOT_FIT)
    def test_fit_says_what_is_wrong(self, name):
        images, labels, message = _NOT_FIT[name]
        with self.assertRaisesRegex(ValueError, message):
            self.learner.fit(images, labels)

    def test_predict_and_score_say_what_is_wrong(self):
        with self.assertRaisesRegex(ValueError, "`images` must be of shape"):
            self.classifier.predict(_QUERIES[:, :7])
        with self.assertRaisesRegex(ValueError, "one for each of the 7 images"):
            self.classifier.score(_QUERIES, ["level"])
        with self.assertRaisesRegex(ValueError, "at least one to score"):
            self.classifier.score([], [])
        with self.assertRaisesRegex(ValueError, "among the classes learned.*: round"):
            self.classifier.score(_QUERIES, ["round"] * 7)

    def test_an_earlier_export_is_refused(self):
        class Earlier(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
            def answer(self, x):
                return {"x": x}

        folder, module = self.create_tempdir().full_path, Earlier()
        signatures = {"adapt_and_predict": module.answer}
        tf.saved_model.save(module, folder, signatures=signatures)
        with self.assertRaisesRegex(ValueError, "exports it again"):
            load_saved_learner(folder)


if __name__ == "__main__":
    absltest.main()
