import os
import shutil

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.exports.saved_model_scoring import SavedModelScorer
from autometa_tf.testing.tiny_classes import tiny_classes


class CountingModule(tf.Module):
    """A "learner" that says of every query that it is of the first class."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 8, 8, 1], tf.float32, "support_images"),
            tf.TensorSpec([None], tf.int32, "support_labels"),
            tf.TensorSpec([None, 8, 8, 1], tf.float32, "query_images"),
        ]
    )
    def first_class(self, support_images, support_labels, query_images):
        num_queries = tf.shape(query_images)[0]
        return {"logits": tf.one_hot(tf.zeros([num_queries], tf.int32), 4)}

    @tf.function(input_signature=first_class.input_signature)
    def by_position(self, support_images, support_labels, query_images):
        return {"logits": tf.one_hot(tf.range(tf.shape(query_images)[0]), 4)}


class SavedModelScorerTest(absltest.TestCase):
    def _export(self, bias: float) -> str:
        folder = self.create_tempdir().full_path
        module = CountingModule()
        module.bias = tf.Variable(bias)
        tf.saved_model.save(
            module,
            folder,
            signatures={
                "adapt_and_predict": module.first_class,
                "adapt_and_predict_transductive": module.by_position,
            },
        )
        return folder

    def test_a_copy_has_the_same_hash_and_other_weights_another(self):
        folder = self._export(1.0)
        copy = os.path.join(self.create_tempdir().full_path, "copy")
        shutil.copytree(folder, copy)
        os.utime(os.path.join(copy, "saved_model.pb"), (0, 0))
        hashes = [SavedModelScorer(path).content_hash for path in (folder, copy)]
        self.assertEqual(*hashes)
        other = SavedModelScorer(self._export(2.0)).content_hash
        self.assertNotEqual(other, hashes[0])

    def test_accuracies_are_those_of_the_two_signatures(self):
        folder = self.create_tempdir().full_path
        module = CountingModule()
        tf.saved_model.save(
            module,
            folder,
            signatures={
                "adapt_and_predict": module.first_class,
                "adapt_and_predict_transductive": module.by_position,
            },
        )
        sampler = EpisodeSampler(
            tiny_classes(), ways=4, images_per_class=3, seed=0, split="test"
        )
        accuracies = SavedModelScorer(folder).accuracies(sampler, 3)
        np.testing.assert_array_equal(accuracies, [[1.0, 0.25]] * 3)
        # Of the labels 0, 0, 1, 1, 2, 2, 3, 3 the first alone is that of its position.
        two_each = SavedModelScorer(folder).accuracies(sampler, 3, queries_per_class=2)
        np.testing.assert_array_equal(two_each, [[0.125, 0.25]] * 3)
        last = SavedModelScorer(folder).accuracies(sampler, 3, first=2)
        np.testing.assert_array_equal(last, accuracies[2:])


if __name__ == "__main__":
    absltest.main()
