import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.plain_conv4 import PlainConv4
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS, _RATE, _STEPS, _BATCH, _BETA1 = (8, 8, 1), 3, 0.02, 4, 3, 0.5

# Knows nothing of ours: answers requests with what the SavedModel says.
_ANOTHER_PROCESS = """
import json, sys
sys.modules["autometa_tf"] = sys.modules["keras"] = None  # Their imports fail.
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
model = tf.saved_model.load(folder + "/saved_model")
signatures = {}
for name, function in model.signatures.items():
    specs = {**function.structured_input_signature[1], **function.structured_outputs}
    signatures[name] = {k: [v.dtype.name, v.shape.as_list()] for k, v in specs.items()}
requests, answers = np.load(folder + "/requests.npz"), {}
for name in sorted({key.rpartition("/")[0] for key in requests}):
    signature = model.signatures[name.partition("/")[0]]
    inputs = {
        k: tf.constant(requests[f"{name}/{k}"])
        for k in ("support_images", "support_labels", "query_images")
    }
    try:
        answers[name] = {k: v.numpy().tolist() for k, v in signature(**inputs).items()}
    except tf.errors.InvalidArgumentError as error:
        answers[name] = {"error": str(error)}
print(json.dumps([signatures, answers]))
"""

_INDEPENDENT = "adapt_and_predict"
_TRANSDUCTIVE = "adapt_and_predict_transductive"


def _model(copies=1):
    model = tiny_conv4(
        Task(image_shape=_SHAPE, ways=_WAYS),
        num_filters=3,
        max_pooling=True,
        num_parallel_episodes=copies,
    )
    return ParallelModel(model, copies)


def _state(model):
    rng, size = np.random.default_rng(0), model.num_weights
    return LearnerState(
        tf.constant(model.initial_weights()),
        AdamState(
            tf.constant(0.1 * rng.normal(size=size), tf.float32),
            tf.constant(rng.uniform(0.01, 0.1, size), tf.float32),
            tf.constant(12.0),
        ),
    )


def _module():
    model = _model()
    return AdaptAndPredict(
        model,
        _state(model),
        ScoringConfig(scoring_inner_iterations=_STEPS, scoring_inner_batch_size=_BATCH),
        AdamConfig(inner_learning_rate=_RATE, inner_beta1=_BETA1),
    )


def _episode(num_support=6, num_queries=5):
    """A support set of all classes, and queries."""
    rng = np.random.default_rng(1)
    return {
        "support_images": rng.uniform(size=(num_support, *_SHAPE)),
        "support_labels": np.arange(num_support) % _WAYS,
        "query_images": rng.uniform(size=(num_queries, *_SHAPE)),
    }


_EPISODE = _episode()
_QUERIES = _EPISODE["query_images"]

# signature/request -> inputs, all answered by one process.
_REQUESTS = {
    **{
        f"{signature}/{name}": _EPISODE
        for signature in ("serving_default", _INDEPENDENT, _TRANSDUCTIVE)
        for name in ("first", "second")
    },
    **{
        f"{signature}/{name}": _EPISODE | {"query_images": queries}
        for signature in (_INDEPENDENT, _TRANSDUCTIVE)
        for name, queries in (
            ("reversed", _QUERIES[::-1]),
            ("one", _QUERIES[3:4]),
            ("none", _QUERIES[:0]),
        )
    },
    **{
        f"{_INDEPENDENT}/{num_support} of support": _episode(num_support)
        for num_support in (1, 4, 40)
    },
    **{
        f"{signature}/{name}": _EPISODE | changed
        for signature in (_INDEPENDENT, _TRANSDUCTIVE)
        for name, changed in (
            ("bytes to learn", {"support_images": 255 * _EPISODE["support_images"]}),
            ("bytes to tell", {"query_images": 255 * _QUERIES}),
            ("centred", {"query_images": 2 * _QUERIES - 1}),
            ("not a number", {"query_images": np.where(_QUERIES > 0.9, np.nan, 0.5)}),
            ("rounded", {"query_images": np.where(_QUERIES > 0.9, 1.000001, 0.5)}),
            ("label too large", {"support_labels": np.full(6, 3)}),
            ("label negative", {"support_labels": np.full(6, -1)}),
            ("labels missing", {"support_labels": np.zeros(5)}),
            (
                "support empty",
                {
                    "support_images": np.zeros((0, *_SHAPE)),
                    "support_labels": np.zeros(0),
                },
            ),
        )
    },
}


def _plain_logits(episode, transductive):
    """Adapts and predicts with plain Keras and a written-out Adam."""
    plain = PlainConv4(_SHAPE, _WAYS, num_filters=3, max_pooling=True)
    state = _state(_model())
    support, labels = episode["support_images"], episode["support_labels"]
    num_shuffles = -(-_STEPS * _BATCH // len(support))
    uniform = tf.random.stateless_uniform(
        [1, num_shuffles, len(support)], seed=[0, 0], alg="philox"
    )
    positions = np.argsort(uniform.numpy()[0], axis=-1).ravel()
    weights = state.weights.numpy().astype(np.float64)
    m, v = state.adam.first_moments.numpy(), state.adam.second_moments.numpy()
    for i in range(_STEPS):
        batch = positions[i * _BATCH : (i + 1) * _BATCH]
        _, gradient = plain.loss_and_gradient(weights, support[batch], labels[batch])
        m = _BETA1 * m + (1 - _BETA1) * gradient
        v = 0.999 * v + 0.001 * gradient**2
        step = 13 + i
        rate = _RATE * np.sqrt(1 - 0.999**step) / (1 - _BETA1**step)
        weights = weights - rate * m / (np.sqrt(v) + 1e-8)
    if transductive:
        return plain.logits(weights, episode["query_images"])
    return np.stack(
        [
            plain.logits(weights, np.concatenate([support, [query]]))[-1]
            for query in episode["query_images"]
        ]
    )


class SavedModelTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, folder)
        export_saved_model(_module(), str(folder / "saved_model"))
        dtypes = {"support_labels": np.int32}
        np.savez(
            folder / "requests.npz",
            **{
                f"{request}/{name}": values.astype(dtypes.get(name, np.float32))
                for request, inputs in _REQUESTS.items()
                for name, values in inputs.items()
            },
        )
        result = subprocess.run(
            [sys.executable, "-c", _ANOTHER_PROCESS, str(folder)],
            env={"TF_CPP_MIN_LOG_LEVEL": "2", "HOME": str(folder)},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise AssertionError(result.stderr)
        cls.signatures, cls.answers = json.loads(result.stdout)

    def logits(self, request):
        answer = self.answers[request]
        self.assertNotIn("error", answer)
        logits = np.array(answer["logits"], np.float32).reshape(-1, _WAYS)
        return logits

    def test_has_its_signatures_by_name(self):
        images, logits = ["float32", [None, *_SHAPE]], ["float32", [None, _WAYS]]
        expected = {
            "support_images": images,
            "support_labels": ["int32", [None]],
            "query_images": images,
            "logits": logits,
            "probabilities": logits,
        }
        for name in ("serving_default", _INDEPENDENT, _TRANSDUCTIVE):
            self.assertEqual(self.signatures[name], expected)

    @parameterized.parameters(_INDEPENDENT, _TRANSDUCTIVE)
    def test_predicts_what_plain_keras_does(self, signature):
        expected = _plain_logits(_EPISODE, signature == _TRANSDUCTIVE)
        self.assertAllClose(self.logits(f"{signature}/first"), expected, atol=1e-4)

    @parameterized.parameters(1, 4, 40)
    def test_takes_any_support_set(self, num_support):
        expected = _plain_logits(_episode(num_support), transductive=False)
        logits = self.logits(f"{_INDEPENDENT}/{num_support} of support")
        self.assertAllClose(logits, expected, atol=2e-3)

    @parameterized.parameters("serving_default", _INDEPENDENT, _TRANSDUCTIVE)
    def test_forgets_the_episode(self, signature):
        first, second = (self.logits(f"{signature}/{n}") for n in ("first", "second"))
        self.assertAllEqual(first, second)

    def test_the_default_is_not_transductive(self):
        self.assertAllEqual(
            self.logits("serving_default/first"), self.logits(f"{_INDEPENDENT}/first")
        )

    def test_queries_are_independent_of_one_another(self):
        logits = self.logits(f"{_INDEPENDENT}/first")
        reversed_logits = self.logits(f"{_INDEPENDENT}/reversed")
        self.assertAllClose(reversed_logits, logits[::-1], atol=1e-6)
        self.assertAllClose(self.logits(f"{_INDEPENDENT}/one"), logits[3:4], atol=1e-6)

    def test_transductive_queries_depend_on_one_another(self):
        logits = self.logits(f"{_TRANSDUCTIVE}/first")
        reversed_logits = self.logits(f"{_TRANSDUCTIVE}/reversed")
        self.assertAllClose(reversed_logits, logits[::-1], atol=1e-4)
        one = self.logits(f"{_TRANSDUCTIVE}/one")
        self.assertNotAllClose(one, logits[3:4], atol=1e-2)

    @parameterized.parameters(_INDEPENDENT, _TRANSDUCTIVE)
    def test_no_queries_get_no_answers(self, signature):
        self.assertEqual(self.logits(f"{signature}/none").shape, (0, _WAYS))

    @parameterized.parameters(_INDEPENDENT, _TRANSDUCTIVE)
    def test_probabilities_are_the_softmax_of_the_logits(self, signature):
        exponentials = np.exp(self.logits(f"{signature}/first"))
        self.assertAllClose(
            self.answers[f"{signature}/first"]["probabilities"],
            exponentials / exponentials.sum(axis=1, keepdims=True),
        )

    @parameterized.product(
        signature=(_INDEPENDENT, _TRANSDUCTIVE),
        request_and_message=(
            ("bytes to learn", r"`support_images` must be float32 .*255.*Received"),
            ("bytes to tell", r"`query_images` must be float32 pixels in \[0, 1\]"),
            ("centred", r"`query_images` must be float32 pixels in \[0, 1\]"),
            ("not a number", r"`query_images` must be float32 pixels in \[0, 1\]"),
            ("label too large", r"`support_labels` must be int32 in \[0, 3\).*\[3 3"),
            ("label negative", r"`support_labels` must be int32 in \[0, 3\)"),
            ("labels missing", "must have one label for each support image"),
            ("support empty", "`support_images` must hold at least one image"),
        ),
    )
    def test_says_what_is_wrong_with_a_support_set(
        self, signature, request_and_message
    ):
        request, message = request_and_message
        error = self.answers[f"{signature}/{request}"].get("error", "no error")
        self.assertRegex(error, message)

    @parameterized.parameters(_INDEPENDENT, _TRANSDUCTIVE)
    def test_takes_what_rounding_makes_of_white(self, signature):
        self.assertLen(self.logits(f"{signature}/rounded"), len(_QUERIES))

    def test_refuses_several_copies(self):
        model = _model(2)
        with self.assertRaisesRegex(ValueError, "one copy of the network.*: 2"):
            AdaptAndPredict(model, _state(_model()), ScoringConfig(), AdamConfig())


if __name__ == "__main__":
    tf.test.main()
