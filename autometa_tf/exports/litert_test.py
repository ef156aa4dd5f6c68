"""One learner is converted, once, since that takes most of a minute."""

import json
import os
import pathlib
import tempfile

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.exports.litert import convert_signatures, export_litert
from autometa_tf.exports.litert_settings import LiteRTRoom
from autometa_tf.exports.make_module import exported_model, make_module
from autometa_tf.exports.measure_litert import measure_litert
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.testing.drawings import drawings
from autometa_tf.testing.litert_learner import ALL_OPERATIONS, tiny_parts
from autometa_tf.testing.litert_runs import (
    by_compiled_model,
    by_interpreter,
    classify,
    learn,
    operations_of,
)

_ROOM = 4  # Classes; a support set has 3.


class LiteRTTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.parts = tiny_parts(inner_beta1=0.5)
        cls.settings = export_litert(cls.parts, cls.folder, LiteRTRoom(ways=_ROOM))
        cls.path = os.path.join(cls.folder, "learner.tflite")

    def test_every_operation_of_a_genome_is_in_it(self):
        used = {
            operation
            for block in ALL_OPERATIONS.genome.blocks
            for operation in (block.operation1, block.operation2)
        }
        self.assertEqual(used, set(OPERATIONS))

    def test_all_operations_are_built_in(self):
        operations = operations_of(self.path)
        self.assertContainsSubset(
            {"CONV_2D", "TRANSPOSE_CONV", "MAX_POOL_2D", "AVERAGE_POOL_2D"}, operations
        )
        self.assertNoCommonElements({"CUSTOM", "DELEGATE", "WHILE"}, operations)

    def test_its_settings_lie_beside_it(self):
        text = pathlib.Path(self.folder, "learner.json").read_text()
        expected = {
            "image_shape": [8, 8, 1],
            "drawings": True,
            "ways": _ROOM,
            "shots": 1,
            "support_size": _ROOM,
            "inner_iterations": 4,
            "support_passes": 10,
            "batch_size": 8,
            "batch_sizes": {"2": 6, "3": 6, "4": 8},
            "class_balanced_batches": True,
            "shared_head": True,
            "state": ["weights", "first_moments", "second_moments", "step"],
        }
        self.assertEqual(json.loads(text), expected)

    def test_its_costs_are_measured(self):
        measured = measure_litert(self.folder)
        files = pathlib.Path(self.folder).iterdir()
        self.assertEqual(measured.num_bytes, sum(f.stat().st_size for f in files))
        self.assertGreater(measured.adapt_seconds, measured.predict_seconds)
        self.assertGreater(measured.load_seconds, 0)

    def test_an_operation_that_is_not_built_in_is_named(self):
        @tf.function(autograph=False)
        def gradient(x):
            return {"y": tf.raw_ops.ReluGrad(gradients=x, features=x)}

        signature = gradient.get_concrete_function(tf.TensorSpec([2], name="x"))
        with self.assertRaisesRegex(RuntimeError, "built in. Received: tf.ReluGrad"):
            convert_signatures({"gradient": signature})

    @parameterized.parameters(by_interpreter, by_compiled_model)
    def test_learns_and_answers_as_the_saved_model_does(self, interface):
        parts = self.parts
        model = exported_model(parts.network, parts.network_config, parts.task)
        module = make_module(model, parts.state, parts.adaptation)
        labels = np.array([2, 0, 1], np.int32)
        images = np.float32(drawings(labels) / 255)
        queries = np.float32(drawings(labels, seed=1) / 255)
        adapted = module.adapt(tf.constant(images), tf.constant(labels))
        expected = module.predict(
            **adapted,
            support_images=tf.constant(images),
            query_images=tf.constant(queries),
        )["probabilities"]
        call = interface(self.path)
        weights = learn(call, self.settings, images, labels)
        # Columns of classes that are not shown are as they were, and lie between.
        rows = (len(weights) - model.num_weights) // (_ROOM - parts.task.ways)
        head = np.reshape(weights[-rows * _ROOM :], [rows, _ROOM])[:, :3].ravel()
        weights_of_three = np.concatenate([weights[: -rows * _ROOM], head])
        size = np.abs(adapted["weights"]).max()
        self.assertAllClose(
            weights_of_three / size, adapted["weights"] / size, rtol=0, atol=1e-3
        )
        moved = np.abs(adapted["weights"] - parts.state.weights).max() / size
        self.assertGreater(moved, 1e-2)
        for query, theirs in zip(queries, expected, strict=True):
            mine = classify(call, self.settings, weights, images, query, 3)
            self.assertAllClose(mine, theirs, rtol=0, atol=1e-3)


if __name__ == "__main__":
    absltest.main()
