import subprocess
import sys
import tempfile

import keras
import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.exports.any_ways import AdaptAndPredictAnyWays
from autometa_tf.exports.saved_model import AdaptAndPredict, export_saved_model
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.any_ways_model import AnyWaysModel
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network import network_body
from autometa_tf.networks.network_config import Task
from autometa_tf.testing.linear_model import linear_loss_and_gradient, linear_model
from autometa_tf.testing.tiny_conv4 import tiny_conv4

_SHAPE, _WAYS, _STEPS, _RATE = (8, 8, 1), 5, 4, 0.02

# Knows nothing of ours: answers with what the SavedModel says.
_ANOTHER_PROCESS = """
import sys
sys.modules["autometa_tf"] = sys.modules["keras"] = None  # Their imports fail.
import numpy as np
import tensorflow as tf

given = dict(np.load(sys.argv[1] + "/given.npz"))
model = tf.saved_model.load(sys.argv[1] + "/saved_model")
answers = model.signatures["adapt_and_predict"](**{
    name: tf.constant(value) for name, value in given.items()
})
np.save(sys.argv[1] + "/answers.npy", answers["logits"])
"""


def _network(ways: int) -> keras.Model:
    task = Task(image_shape=_SHAPE, ways=ways)
    return tiny_conv4(task, num_filters=3, max_pooling=True)


def _linear(ways: int) -> keras.Model:
    return linear_model(_SHAPE, ways)


def _start(model: keras.Model, ways: int) -> LearnerState:
    """A shared head; whatever a column is, it is that for every number of classes."""
    copy = ParallelModel(model)
    body = copy.num_weights - sum(
        v.numpy().size for v in model.trainable_variables[-2:]
    )
    rng = np.random.default_rng(0)
    weights = copy.initial_weights()[:body]
    first, second = 0.1 * rng.normal(size=body), rng.uniform(0.01, 0.1, body)
    rows = (copy.num_weights - body) // ways

    def whole(of_body, column):
        whole = np.concatenate([of_body, np.repeat(column, ways)])
        return tf.constant(whole, tf.float32)

    return LearnerState(
        whole(weights, rng.normal(size=rows)),
        AdamState(
            whole(first, 0.1 * rng.normal(size=rows)),
            whole(second, rng.uniform(0.01, 0.1, rows)),
            tf.constant(12.0),
        ),
    )


def _arguments(
    batch_size: int, steps: int = _STEPS, passes: int = 0
) -> tuple[ScoringConfig, AdamConfig]:
    scoring = ScoringConfig(
        scoring_inner_iterations=steps,
        scoring_inner_batch_size=batch_size,
        scoring_support_passes=passes,
    )
    return scoring, AdamConfig(inner_learning_rate=_RATE, inner_beta1=0.5)


def _any_ways(build=_network, *, batch_size=4, balanced=False, passes=0):
    model = build(_WAYS)
    return AdaptAndPredictAnyWays(
        AnyWaysModel(model, network_body(model)),
        _start(model, _WAYS),
        *_arguments(batch_size, passes=passes),
        class_balanced_batches=balanced,
    )


def _fixed_ways(ways, *, batch_size=4, balanced=False, steps=_STEPS, passes=0):
    model = _network(ways)
    return AdaptAndPredict(
        ParallelModel(model),
        _start(model, ways),
        *_arguments(batch_size, steps, passes),
        class_balanced_batches=balanced,
    )


def _support(ways, shots=2):
    labels = np.random.default_rng(1).permutation(np.arange(ways).repeat(shots))
    images = np.random.default_rng(2).uniform(size=(len(labels), *_SHAPE))
    return {
        "support_images": tf.constant(images, tf.float32),
        "support_labels": tf.constant(labels, tf.int32),
    }


_QUERIES = tf.constant(np.random.default_rng(3).uniform(size=(5, *_SHAPE)), tf.float32)


def _answers(signatures, support):
    """What all signatures say, by name."""
    adapted = dict(signatures["adapt"](**support))
    images = {"support_images": support["support_images"]}
    queries = {"query_images": _QUERIES}
    answers = {
        "predict": signatures["predict"](**adapted, **images, **queries),
        "predict_transductive": signatures["predict_transductive"](
            **adapted, **queries
        ),
    }
    for name in ("adapt_and_predict", "adapt_and_predict_transductive"):
        answers[name] = signatures[name](**support, **queries)
    return {"adapt": adapted} | answers


class AnyWaysTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signatures = _any_ways().signatures

    @parameterized.parameters(False, True)
    def test_with_the_ways_of_training_nothing_changes(self, balanced):
        named = {"batch_size": 5, "balanced": balanced}
        expected = _answers(_fixed_ways(_WAYS, **named).signatures, _support(_WAYS))
        answers = _answers(_any_ways(**named).signatures, _support(_WAYS))
        tf.nest.map_structure(self.assertAllEqual, answers, expected)

    @parameterized.parameters((3, True), (12, False))
    def test_other_ways_are_as_if_trained_with(self, ways, balanced):
        # Balanced, a batch has at least 4 images and every class equally often.
        size = {3: 6, 12: 12}[ways] if balanced else 4
        fixed = _fixed_ways(ways, batch_size=size, balanced=balanced)
        expected = _answers(fixed.signatures, _support(ways))
        signatures = self.signatures
        if balanced:
            signatures = _any_ways(balanced=True).signatures
        answers = _answers(signatures, _support(ways))
        self.assertAllEqual(answers["adapt"]["shown"], [True] * ways)
        self.assertEqual(answers["predict"]["logits"].shape, (5, ways))
        for name in expected:
            self.assertAllClose(answers[name], expected[name], atol=1e-4, msg=name)

    @parameterized.parameters(False, True)
    def test_a_large_support_set_has_more_steps(self, balanced):
        # Three times 18 images in batches of 6 are nine steps.
        support, named = _support(6, shots=3), {"batch_size": 6, "balanced": balanced}
        nine = _fixed_ways(6, **named, steps=9).signatures["adapt"](**support)
        for module in (
            _fixed_ways(6, **named, passes=3),
            _any_ways(batch_size=5 if balanced else 6, balanced=balanced, passes=3),
        ):
            adapted = module.signatures["adapt"](**support)
            self.assertAllClose(adapted["weights"], nine["weights"], atol=1e-4)
        # Three times 6 images have the least number.
        small = _support(6, shots=1)
        least = _fixed_ways(6, **named).signatures["adapt"](**small)
        adapted = _fixed_ways(6, **named, passes=3).signatures["adapt"](**small)
        self.assertAllEqual(adapted["weights"], least["weights"])
        self.assertNotAllClose(
            nine["weights"],
            _fixed_ways(6, **named).signatures["adapt"](**support)["weights"],
            atol=1e-3,
        )

    @parameterized.parameters(3, 12)
    def test_the_weights_are_those_that_numpy_finds(self, ways):
        support = _support(ways)
        images, labels = (value.numpy() for value in support.values())
        start = _start(_linear(ways), ways)
        weights, m, v = (
            np.array(x, np.float64) for x in (start.weights, *start.adam[:2])
        )
        num_shuffles = -(-_STEPS * 4 // len(images))
        uniform = tf.random.stateless_uniform(
            [1, num_shuffles, len(images)], seed=[0, 0], alg="philox"
        )
        positions = np.argsort(uniform.numpy()[0], axis=-1).ravel()
        for i in range(_STEPS):
            batch = positions[4 * i : 4 * i + 4]
            _, gradient = linear_loss_and_gradient(
                weights, images[batch], labels[batch]
            )
            m, v = 0.5 * m + 0.5 * gradient, 0.999 * v + 0.001 * gradient**2
            rate = _RATE * np.sqrt(1 - 0.999 ** (13 + i)) / (1 - 0.5 ** (13 + i))
            weights = weights - rate * m / (np.sqrt(v) + 1e-8)
        adapted = _any_ways(_linear).signatures["adapt"](**support)
        self.assertAllClose(adapted["weights"], weights, atol=1e-5)

    def test_no_queries_get_no_answers(self):
        support = _support(7)
        adapted = self.signatures["adapt"](**support)
        none = {"query_images": _QUERIES[:0]}
        images = {"support_images": support["support_images"]}
        for answer in (
            self.signatures["predict"](**adapted, **images, **none),
            self.signatures["predict_transductive"](**adapted, **none),
            self.signatures["adapt_and_predict"](**support, **none),
        ):
            self.assertEqual(answer["logits"].shape, (0, 7))

    @parameterized.parameters(
        ([0, 1, 3, 4], r"of at least 2 classes .* labels of:.*\[0 1 3 4\]"),
        ([1, 2, 3, 4], r"\[0, number of classes\).*\[1 2 3 4\]"),
        ([0, 0, 0, 0], r"of at least 2 classes .*\[0\]"),
        ([0, 1, -1, 1], r"\[-1 0 1\]"),
        ([0, 1, 2, 2**30], r"\[0 1 2 1073741824\]"),
        ([0, 1, 2], "one label for each support image"),
    )
    def test_labels_that_number_no_classes_are_refused(self, labels, message):
        support = {"support_images": _support(2)["support_images"]}
        support["support_labels"] = tf.constant(labels)
        for name, more in (
            ("adapt", {}),
            ("adapt_and_predict", {"query_images": _QUERIES}),
        ):
            with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
                self.signatures[name](**support, **more)

    @parameterized.parameters(
        (lambda given: {"weights": given["weights"][:-1]}, "`weights` must be float32"),
        (lambda given: {"weights": tf.zeros([0])}, "`weights` must be float32"),
        (lambda given: {"shown": tf.constant([True] * 4)}, "`shown` must be bool of"),
        (lambda given: {"shown": tf.constant([False] * 3)}, "at least one class"),
    )
    def test_weights_and_classes_that_do_not_fit_are_refused(self, changed, message):
        given = dict(self.signatures["adapt"](**_support(3)))
        given |= changed(given)
        with self.assertRaisesRegex(tf.errors.InvalidArgumentError, message):
            self.signatures["predict_transductive"](**given, query_images=_QUERIES)

    def test_tensorflow_alone_learns_twelve_classes(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        export_saved_model(_any_ways(), f"{folder}/saved_model")
        given = _support(12) | {"query_images": _QUERIES}
        np.savez(f"{folder}/given.npz", **given)
        done = subprocess.run(
            [sys.executable, "-c", _ANOTHER_PROCESS, folder],
            env={"TF_CPP_MIN_LOG_LEVEL": "2", "HOME": folder},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = _answers(_fixed_ways(12).signatures, _support(12))
        answers = np.load(f"{folder}/answers.npy")
        self.assertAllClose(answers, expected["adapt_and_predict"]["logits"], atol=1e-4)


if __name__ == "__main__":
    tf.test.main()
