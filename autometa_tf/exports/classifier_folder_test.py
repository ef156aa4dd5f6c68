import json
import os
import shutil

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.exports.classifier_folder import load_classifier, save_classifier
from autometa_tf.exports.learner import load_saved_learner
from autometa_tf.testing.drawings import drawings, export_untrained

_KINDS = np.array([0, 1, 2] * 4)
_QUERIES = drawings(np.array([2, 0, 1]), seed=1)


class ClassifierFolderTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = os.path.join(absltest.get_default_test_tmpdir(), "classifiers")
        shutil.rmtree(cls.root, ignore_errors=True)
        export_untrained(os.path.join(cls.root, "learner"))
        learner = load_saved_learner(os.path.join(cls.root, "learner"))
        names = np.array(["level", "upright", "slänting"])
        fitted = learner.fit(drawings(_KINDS), names[_KINDS])
        cls.classifier = fitted.with_temperature(2.5)
        cls.folder = os.path.join(cls.root, "kept")
        save_classifier(cls.classifier, cls.folder)

    def copy(self):
        folder = self.create_tempdir().full_path
        return shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    def test_answers_as_before_wherever_it_is_moved(self):
        loaded = load_classifier(self.copy())
        self.assertEqual(list(loaded.classes_), ["level", "slänting", "upright"])
        for transductive in (False, True):
            np.testing.assert_array_equal(
                loaded.predict_proba(_QUERIES, transductive=transductive),
                self.classifier.predict_proba(_QUERIES, transductive=transductive),
            )

    def test_a_temperature_makes_it_less_sure_and_no_different(self):
        sure = self.classifier.with_temperature(1.0)
        cool, hot = (each.predict_proba(_QUERIES) for each in (sure, self.classifier))
        np.testing.assert_array_equal(cool.argmax(axis=1), hot.argmax(axis=1))
        self.assertTrue((hot.max(axis=1) < cool.max(axis=1)).all())
        logits = self.classifier.decision_function(_QUERIES)
        shares = np.exp(logits / 2.5)
        shares /= shares.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(hot, shares, rtol=1e-5)

    def test_a_folder_with_something_in_it_is_refused(self):
        with self.assertRaisesRegex(ValueError, "must be a folder that is empty"):
            save_classifier(self.classifier, self.folder)

    def test_a_folder_without_one_is_refused(self):
        with self.assertRaisesRegex(ValueError, "with classifier.json in it"):
            load_classifier(self.root)

    @parameterized.parameters(
        {"classes": ["b", "a", "c"]},
        {"classes": ["a"]},
        {"classes": ["a", "b", "c", "d"]},
        {"classes": "abc"},
        {"classes": [[1], [2]]},
        {"temperature": 0},
        {"temperature": "hot"},
        {"temperature": float("nan")},
    )
    def test_a_damaged_description_is_refused(self, **fields):
        folder = self.copy()
        path = os.path.join(folder, "classifier.json")
        with open(path, encoding="utf-8") as file:
            content = json.load(file) | fields
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file)
        with self.assertRaisesRegex(ValueError, "it is damaged"):
            load_classifier(folder)

    @parameterized.parameters(
        {"weights": np.zeros(3, np.float32)},
        {"weights": np.zeros(3, np.float64)},
        {"support": np.zeros((2, 9, 9, 1), np.float32)},
        {"shown": np.array([{}], dtype=object)},
    )
    def test_other_arrays_are_refused(self, **arrays):
        folder = self.copy()
        path = os.path.join(folder, "adapted.npz")
        with np.load(path) as kept:
            arrays = dict(kept) | arrays
        np.savez(path, **arrays)
        with self.assertRaisesRegex(ValueError, "it is damaged"):
            load_classifier(folder)

    def test_a_file_cut_off_is_refused(self):
        folder = self.copy()
        os.truncate(os.path.join(folder, "adapted.npz"), 100)
        with self.assertRaisesRegex(ValueError, "it is damaged"):
            load_classifier(folder)


if __name__ == "__main__":
    absltest.main()
