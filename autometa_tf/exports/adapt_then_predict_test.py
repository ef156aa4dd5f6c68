"""Tests of adapting apart from predicting, by the signatures of a SavedModel."""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Conv4
from autometa_tf.testing.linear_model import (
    linear_logits,
    linear_loss_and_gradient,
    linear_model,
)

_SHAPE, _WAYS, _STEPS, _BATCH = (8, 8, 1), 3, 4, 3
_ADAM = AdamConfig(inner_learning_rate=0.02, inner_beta1=0.5)

# Knows nothing of ours.
_ANOTHER_PROCESS = """
import json, sys
sys.modules["autometa_tf"] = sys.modules["keras"] = None  # Their imports fail.
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
specs = {}
for name in ("adapt", "predict", "predict_transductive"):
    function = model.signatures[name]
    both = {**function.structured_input_signature[1], **function.structured_outputs}
    specs[name] = {k: [v.dtype.name, v.shape.as_list()] for k, v in both.items()}
images = tf.reshape(tf.range(128.0) / 128, [2, 8, 8, 1])
adapted = model.signatures["adapt"](
    support_images=images, support_labels=tf.constant([0, 2])
)
answers = model.signatures["predict"](
    **adapted, support_images=images, query_images=images[:1]
)
print(json.dumps([specs, answers["probabilities"].numpy().tolist()]))
"""


def _export(folder, keras_model):
    model = ParallelModel(keras_model)
    rng = np.random.default_rng(0)
    moments = AdamState(
        tf.constant(0.1 * rng.normal(size=model.num_weights), tf.float32),
        tf.constant(rng.uniform(0.01, 0.1, model.num_weights), tf.float32),
        tf.constant(12.0),
    )
    state = LearnerState(tf.constant(model.initial_weights()), moments)
    scoring = ScoringConfig(
        scoring_inner_iterations=_STEPS, scoring_inner_batch_size=_BATCH
    )
    export_saved_model(AdaptAndPredict(model, state, scoring, _ADAM), folder)
    return state


def _support(num_images=6, num_classes=_WAYS):
    images = np.random.default_rng(1).uniform(size=(num_images, *_SHAPE))
    labels = np.arange(num_images) % num_classes
    return {
        "support_images": tf.constant(images, tf.float32),
        "support_labels": tf.constant(labels, tf.int32),
    }


_QUERIES = tf.constant(np.random.default_rng(2).uniform(size=(5, *_SHAPE)), tf.float32)


def _numpy_adapted(state, images, labels):
    """The weights after Adam, written out for the linear network."""
    num_shuffles = -(-_STEPS * _BATCH // len(images))
    uniform = tf.random.stateless_uniform(
        [1, num_shuffles, len(images)], seed=[0, 0], alg="philox"
    )
    positions = np.argsort(uniform.numpy()[0], axis=-1).ravel()
    weights = state.weights.numpy().astype(np.float64)
    m, v = state.adam.first_moments.numpy(), state.adam.second_moments.numpy()
    for i in range(_STEPS):
        batch = positions[i * _BATCH : (i + 1) * _BATCH]
        _, gradient = linear_loss_and_gradient(weights, images[batch], labels[batch])
        m = 0.5 * m + 0.5 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        step = 13 + i
        rate = 0.02 * np.sqrt(1 - 0.999**step) / (1 - 0.5**step)
        weights = weights - rate * m / (np.sqrt(v) + 1e-8)
    return weights


class AdaptThenPredictTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        task = Task(image_shape=_SHAPE, ways=_WAYS)
        linear, conv = (os.path.join(cls.folder, name) for name in ("linear", "conv4"))
        cls.state = _export(linear, linear_model(_SHAPE, _WAYS))
        _export(conv, build_network(Conv4(), NetworkConfig(), task))
        cls.linear, cls.conv4 = map(tf.saved_model.load, (linear, conv))

    def test_adapt_returns_the_weights_that_numpy_finds(self):
        support = _support()
        adapted = self.linear.signatures["adapt"](**support)
        expected = _numpy_adapted(self.state, *(x.numpy() for x in support.values()))
        np.testing.assert_allclose(adapted["weights"], expected, atol=1e-5)
        change = np.abs(adapted["weights"] - self.state.weights)
        self.assertGreater(change.max(), 1e-2)

    @parameterized.parameters(1, 2, 3)
    def test_adapt_tells_which_classes_were_shown(self, num_classes):
        adapted = self.linear.signatures["adapt"](**_support(6, num_classes))
        np.testing.assert_array_equal(adapted["shown"], np.arange(_WAYS) < num_classes)

    def test_predict_goes_by_the_weights_it_is_given(self):
        weights = np.random.default_rng(3).normal(size=8 * 8 * 3 + 3)
        weights = tf.constant(weights, tf.float32)
        expected = linear_logits(weights.numpy(), _QUERIES.numpy())
        shown = tf.constant([True] * _WAYS)
        images = _support()["support_images"]
        for name, support in (
            ("predict", {"support_images": images}),
            ("predict_transductive", {}),
        ):
            answers = self.linear.signatures[name](
                weights=weights, shown=shown, query_images=_QUERIES, **support
            )
            np.testing.assert_allclose(answers["logits"], expected, atol=1e-5)

    def _compose(self, suffix, support, queries=_QUERIES):
        signatures = self.conv4.signatures
        arguments = dict(signatures["adapt"](**support))
        if not suffix:
            arguments["support_images"] = support["support_images"]
        return signatures[f"predict{suffix}"](**arguments, query_images=queries)

    @parameterized.product(
        suffix=("", "_transductive"), num_support=(3, 7), num_queries=(0, 1, 5)
    )
    def test_the_two_steps_are_the_one_call(self, suffix, num_support, num_queries):
        support, queries = _support(num_support), _QUERIES[:num_queries]
        at_once = self.conv4.signatures[f"adapt_and_predict{suffix}"](
            **support, query_images=queries
        )
        in_steps = self._compose(suffix, support, queries)
        for name in ("logits", "probabilities"):
            np.testing.assert_allclose(in_steps[name], at_once[name], atol=1e-6)

    @parameterized.parameters("", "_transductive")
    def test_answers_fall_among_the_classes_shown(self, suffix):
        support = _support(6, 2)
        at_once = self.conv4.signatures[f"adapt_and_predict{suffix}"](
            **support, query_images=_QUERIES
        )
        in_steps = self._compose(suffix, support)
        logits = in_steps["logits"].numpy()
        np.testing.assert_allclose(logits[:, :2], at_once["logits"][:, :2], atol=1e-6)
        np.testing.assert_array_equal(
            logits[:, 2], [np.finfo(np.float32).min] * len(logits)
        )
        among = at_once["probabilities"].numpy()[:, :2]
        among /= among.sum(axis=1, keepdims=True)
        expected = np.pad(among, [(0, 0), (0, 1)])
        np.testing.assert_allclose(in_steps["probabilities"], expected, atol=1e-6)
        np.testing.assert_array_equal(
            in_steps["probabilities"][:, 2], [0.0] * len(logits)
        )

    @parameterized.parameters(
        ({"weights": tf.zeros([5])}, "`weights` must be float32 of shape"),
        ({"shown": tf.constant([False] * 3)}, "`shown` must name at least one class"),
        ({"query_images": 255 * _QUERIES}, r"`query_images` must .* in \[0, 1\]"),
        ({"support_images": 2 - _QUERIES}, r"`support_images` must .* in \[0, 1\]"),
    )
    def test_predict_says_what_is_wrong(self, changed, message):
        good = dict(self.conv4.signatures["adapt"](**_support()))
        good |= {"support_images": _QUERIES, "query_images": _QUERIES}
        with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
            self.conv4.signatures["predict"](**good | changed)

    def test_adapt_says_what_is_wrong(self):
        labels = {"support_labels": tf.constant([0, 1, 2, 3, 0, 0])}
        with self.assertRaisesRegex(tf.errors.InvalidArgumentError, r"in \[0, 3\)"):
            self.linear.signatures["adapt"](**_support() | labels)

    def test_tensorflow_alone_runs_them(self):
        result = subprocess.run(
            [sys.executable, "-c", _ANOTHER_PROCESS, f"{self.folder}/conv4"],
            env={"TF_CPP_MIN_LOG_LEVEL": "2", "HOME": self.folder},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        specs, [probabilities] = json.loads(result.stdout)
        self.assertEqual(probabilities[1], 0)
        self.assertAlmostEqual(sum(probabilities), 1, places=6)
        images, answers = ["float32", [None, *_SHAPE]], ["float32", [None, _WAYS]]
        num_weights = self.conv4.signatures["adapt"].structured_outputs["weights"].shape
        adapted = {"weights": ["float32", [*num_weights]], "shown": ["bool", [_WAYS]]}
        given = {"weights": ["float32", [None]], "shown": ["bool", [None]]}
        queries = {"query_images": images, "logits": answers, "probabilities": answers}
        support = {"support_images": images}
        expected = {
            "adapt": support | {"support_labels": ["int32", [None]]} | adapted,
            "predict": given | support | queries,
            "predict_transductive": given | queries,
        }
        self.assertEqual(specs, expected)


if __name__ == "__main__":
    absltest.main()
