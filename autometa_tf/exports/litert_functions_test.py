"""The functions of a LiteRT file, run by TensorFlow, against the SavedModel's.

The operations' gradients are checked against TensorFlow's own in forward_operations_test.
"""

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.exports.litert_functions import LiteRTFunctions
from autometa_tf.exports.litert_settings import LiteRTRoom, litert_settings
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.drawings import drawings
from autometa_tf.testing.litert_learner import tiny_parts
from autometa_tf.testing.litert_runs import classify, learn

_NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "max_pool3x3"),)))


class LiteRTFunctionsTest(tf.test.TestCase, parameterized.TestCase):
    def check(self, kinds, ways=None, shots=1, **how):
        """Learns drawings of these kinds, and asks for others of them."""
        parts = tiny_parts(_NETWORK, **how)
        model = exported_model(parts.network, parts.network_config, parts.task)
        module = make_module(model, parts.state, parts.adaptation)
        settings = litert_settings(parts, LiteRTRoom(ways=ways, shots=shots))
        functions = LiteRTFunctions(parts, settings)
        labels = np.array(kinds, np.int32)
        images = np.float32(drawings(labels) / 255)
        queries = np.float32(drawings(labels, seed=1) / 255)

        def call(name, **inputs):
            inputs = {key: tf.constant(value) for key, value in inputs.items()}
            answers = getattr(functions, name)(**inputs)
            return {key: value.numpy() for key, value in answers.items()}

        expected = module.adapt(tf.constant(images), tf.constant(labels))
        weights = learn(call, settings, images, labels)
        num_classes = max(kinds) + 1
        of_body = functions.head.start
        self.assertAllClose(
            expected["weights"][:of_body], weights[:of_body], rtol=1e-3, atol=1e-5
        )
        heads = [
            np.reshape(all_weights[of_body:], [-1, columns])[:, :num_classes]
            for all_weights, columns in (
                (expected["weights"], num_classes if ways else settings.ways),
                (weights, settings.ways),
            )
        ]
        self.assertAllClose(*heads, rtol=1e-3, atol=1e-5)
        answers = module.predict(
            **expected,
            support_images=tf.constant(images),
            query_images=tf.constant(queries),
        )["probabilities"]
        for query, theirs in zip(queries, answers, strict=True):
            mine = classify(call, settings, weights, images, query, num_classes)
            self.assertAllClose(mine, theirs[:num_classes], rtol=1e-3, atol=1e-4)

    @parameterized.parameters(([0, 1],), ([0, 1, 2],), ([2, 0, 1, 1, 2, 1],))
    def test_classes_and_images_that_are_not_there_change_nothing(self, kinds):
        self.check(kinds, ways=5, shots=2)

    def test_batches_of_the_whole_support_set(self):
        self.check([0, 1, 2], ways=4, class_balanced_batches=False)

    def test_without_a_shared_head_all_classes_take_part_in_learning(self):
        self.check([0, 1], shared_head=False)

    def test_momentum_is_carried_on(self):
        self.check([0, 1, 2], ways=4, inner_beta1=0.5)

    def test_the_first_loss_is_that_of_guessing(self):
        parts = tiny_parts(_NETWORK)
        settings = litert_settings(parts, LiteRTRoom())
        functions = LiteRTFunctions(parts, settings)
        state = functions.start(tf.zeros([1]))
        size = settings.batch_size
        answers = functions.step(
            images=tf.ones([size, *settings.image_shape]),
            labels=tf.constant([0, 1, 2] + [0] * (size - 3)),
            present=tf.constant([1.0] * 3 + [0.0] * (size - 3)),
            shown=tf.constant([1.0] * 3 + [0.0] * (settings.ways - 3)),
            **state,
        )
        self.assertAllClose(answers["loss"], np.log(3))
        self.assertEqual(answers["step"], state["step"] + 1)


if __name__ == "__main__":
    tf.test.main()
