"""The requests of docs/serving.md, read as TensorFlow Serving's REST API reads them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


class Server:
    """What the REST API's documentation says of `predict` in the columnar form.

    Args:
      folder: Of the SavedModel.
    """

    def __init__(self, folder: str):
        self._module = tf.saved_model.load(folder)

    def predict(self, body: str) -> str:
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


def _tensor(values: Any, spec: tf.TensorSpec) -> tf.Tensor:
    """A dense list of lists as a tensor of the signature's type and rank."""
    array = np.array(values)  # Fails where lists differ in length.
    kinds = {"f": "if", "i": "i", "b": "b"}[np.dtype(spec.dtype.as_numpy_dtype).kind]
    if array.dtype.kind not in kinds:
        raise ValueError(f"JSON of {array.dtype} is no {spec.dtype.name}.")
    if not spec.shape.is_compatible_with(array.shape):
        raise ValueError(f"Shape {array.shape} must be {spec.shape}.")
    return tf.constant(array, spec.dtype)


def check(folder: str, learner: Any, page: dict[str, Any]) -> None:
    """Sees that the page's requests are answered as the learner answers.

    Args:
      folder: Of the SavedModel that the page's command has left.
      learner: What it was made of.
      page: The names that the page's scripts have left, beside their files.

    Raises:
      AssertionError: They are not.
    """
    server = Server(folder)
    shown, asked = (np.float32(page[name]) for name in ("shown", "asked"))
    expected = learner.fit(shown, [0, 1, 2]).predict_proba(asked)
    at_once = json.loads(server.predict(_file("request.json")))["outputs"]
    np.testing.assert_allclose(at_once["probabilities"], expected, atol=1e-4)
    learned = json.loads(server.predict(_file("adapt.json")))["outputs"]
    np.testing.assert_equal(learned["shown"], [True] * 3)
    request = page["predict_request"](learned)
    later = json.loads(server.predict(json.dumps(request)))["outputs"]
    np.testing.assert_allclose(later["probabilities"], expected, atol=1e-4)
    # And the server is as strict as the real one.
    del request["inputs"]["query_images"]
    _check_refused(lambda: server.predict(json.dumps(request)), "Inputs must be")
    request["inputs"]["query_images"] = [[[0.5]]]
    _check_refused(lambda: server.predict(json.dumps(request)), "Shape")


def _file(name: str) -> str:
    with open(name, encoding="utf-8") as file:
        return file.read()


def _check_refused(call: Callable[[], Any], reason: str) -> None:
    try:
        call()
    except ValueError as error:
        if reason in str(error):
            return
        raise
    raise AssertionError(f"taken, and not refused with {reason!r}")
