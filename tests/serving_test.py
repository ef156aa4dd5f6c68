"""The requests of docs/serving.md, read as TensorFlow Serving's REST API reads them."""

import contextlib
import json
import os

import numpy as np
import tensorflow as tf
from absl.testing import absltest

import autometa_tf as am
from tests import source_tree, written_commands

_PAGE = (source_tree.ROOT / "docs" / "serving.md").read_text("utf-8")


class Server:
    """What the REST API's documentation says of `predict` in the columnar form.

    Args:
      folder: Of the SavedModel.
    """

    def __init__(self, folder):
        self._module = tf.saved_model.load(folder)

    def predict(self, body):
        """The text of an answer to the text of a request."""
        request = json.loads(body)
        name = request.pop("signature_name", "serving_default")
        inputs = request.pop("inputs")
        if request:
            raise ValueError(f"Unknown keys: {list(request)}.")
        signature = self._module.signatures[name]
        specs = signature.structured_input_signature[1]
        if set(specs) != set(inputs):
            raise ValueError(
                f"Inputs must be {sorted(specs)}. Received {list(inputs)}."
            )
        outputs = signature(
            **{key: _tensor(inputs[key], spec) for key, spec in specs.items()}
        )
        plain = {key: value.numpy().tolist() for key, value in outputs.items()}
        return json.dumps({"outputs": plain}, allow_nan=False)


def _tensor(values, spec):
    """A dense list of lists as a tensor of the signature's type and rank."""
    array = np.array(values)  # Fails where lists differ in length.
    kinds = {"f": "if", "i": "i", "b": "b"}[np.dtype(spec.dtype.as_numpy_dtype).kind]
    if array.dtype.kind not in kinds:
        raise ValueError(f"JSON of {array.dtype} is no {spec.dtype.name}.")
    if not spec.shape.is_compatible_with(array.shape):
        raise ValueError(f"Shape {array.shape} must be {spec.shape}.")
    return tf.constant(array, spec.dtype)


class ServingTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner = am.load_learner("glyphs-1shot")
        folder = os.path.join(absltest.TEST_TMPDIR.value, "letters", "1")
        cls.learner.save(folder)
        cls.server = Server(folder)
        cls.page = {}
        with contextlib.chdir(absltest.TEST_TMPDIR.value):
            for script in written_commands.blocks(_PAGE, written_commands.SCRIPT):
                exec(script, cls.page)

    def file(self, name):
        path = os.path.join(absltest.TEST_TMPDIR.value, name)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def expected(self):
        shown, asked = (np.float32(self.page[name]) for name in ("shown", "asked"))
        return self.learner.fit(shown, [0, 1, 2]).predict_proba(asked)

    def test_one_request_learns_and_answers(self):
        answer = json.loads(self.server.predict(self.file("request.json")))
        self.assertEqual(set(answer), {"outputs"})
        found = np.array(answer["outputs"]["probabilities"])
        self.assertEqual(found.shape, (3, 3))
        np.testing.assert_allclose(found, self.expected(), atol=1e-4)

    def test_what_was_learned_goes_into_the_next_request(self):
        learned = json.loads(self.server.predict(self.file("adapt.json")))["outputs"]
        self.assertEqual(learned["shown"], [True] * 3)
        request = json.dumps(self.page["predict_request"](learned))
        answer = json.loads(self.server.predict(request))["outputs"]
        np.testing.assert_allclose(answer["probabilities"], self.expected(), atol=1e-4)

    def test_the_rules_are_kept(self):
        request = json.loads(self.file("request.json"))
        del request["inputs"]["query_images"]
        with self.assertRaisesRegex(ValueError, "Inputs must be"):
            self.server.predict(json.dumps(request))
        request["inputs"]["query_images"] = [[[0.5]]]
        with self.assertRaisesRegex(ValueError, "Shape"):
            self.server.predict(json.dumps(request))

    def test_the_command_of_the_page_is_one_of_ours(self):
        (command,) = written_commands.commands(_PAGE)
        self.assertEqual(command.program, "export")


if __name__ == "__main__":
    absltest.main()
