import os

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.exports.load_signatures import load_signatures


class Module(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, "number")])
    def double(self, number):
        return {"result": 2 * number}


class LoadSignaturesTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.create_tempdir().full_path

    def _save(self, *names):
        module = Module()
        signatures = dict.fromkeys(names, module.double)
        tf.saved_model.save(module, self.folder, signatures=signatures)

    def test_what_has_the_signatures_is_loaded(self):
        self._save("predict", "adapt")
        module = load_signatures(self.folder, ("adapt",))
        result = module.signatures["adapt"](number=tf.constant(2.0))["result"]
        self.assertEqual(float(result), 4)

    def test_another_folder_is_refused(self):
        message = f"must be the folder of a SavedModel.*Received: '{self.folder}'"
        with self.assertRaisesRegex(ValueError, message):
            load_signatures(self.folder, ())

    def test_what_is_no_learner_is_refused(self):
        self._save()
        with self.assertRaisesRegex(
            ValueError, f"must have the signatures adapt, predict. .*{self.folder}"
        ) as caught:
            load_signatures(self.folder, ("adapt", "predict"))
        self.assertNotIn("again", str(caught.exception))

    def test_an_earlier_export_is_to_be_exported_again(self):
        self._save("adapt_and_predict")
        with self.assertRaisesRegex(
            ValueError,
            "must have the signatures adapt. Received: .*, with adapt_and_predict. "
            "It was exported before there was 'adapt'.* exports it again.$",
        ):
            load_signatures(self.folder, ("adapt",))

    def test_a_damaged_one_is_refused(self):
        with open(os.path.join(self.folder, "saved_model.pb"), "wb") as file:
            file.write(np.random.default_rng(0).bytes(1000))
        with self.assertRaisesRegex(ValueError, "must be a SavedModel that can be"):
            load_signatures(self.folder, ())


if __name__ == "__main__":
    absltest.main()
