"""Runs a learner's LiteRT file as a phone does, by either of LiteRT's interfaces."""

from collections.abc import Callable

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.interpreter import Interpreter

from autometa_tf.exports.litert_settings import LiteRTSettings
from autometa_tf.exports.support_batches import support_batches
from autometa_tf.learners.scoring_config import inner_iterations_of_passes

# The name of a signature and its inputs -> its outputs.
Call = Callable[..., dict[str, np.ndarray]]


def by_interpreter(path: str) -> Call:
    """The interface that LiteRT had first."""
    interpreter = Interpreter(model_path=path, num_threads=1)
    names = interpreter.get_signature_list()
    runners = {name: interpreter.get_signature_runner(name) for name in names}

    def call(signature: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        return runners[signature](**inputs)

    return call


def by_compiled_model(path: str) -> Call:
    """The interface of LiteRT on Android and in browsers."""
    model = CompiledModel.from_file(path)
    # Shapes of outputs, which this interface does not tell.
    interpreter = Interpreter(model_path=path, num_threads=1)
    shapes = {
        name: {
            output: details["shape"]
            for output, details in interpreter.get_signature_runner(name)
            .get_output_details()
            .items()
        }
        for name in interpreter.get_signature_list()
    }

    def call(signature: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        given = {}
        for name, value in inputs.items():
            given[name] = model.create_input_buffer_by_name(signature, name)
            given[name].write(np.ascontiguousarray(value))
        answers = {
            name: model.create_output_buffer_by_name(signature, name)
            for name in shapes[signature]
        }
        model.run_by_name(signature, given, answers)
        return {
            name: answers[name].read(int(np.prod(shape)), np.float32).reshape(shape)
            for name, shape in shapes[signature].items()
        }

    return call


def operations_of(path: str) -> set[str]:
    """The names of all operations of a file; those that are not built in are `CUSTOM`."""
    with open(path, "rb") as file:
        model = schema.ModelT.InitFromPackedBuf(file.read(), 0)
    names = {
        value: name
        for name, value in vars(schema.BuiltinOperator).items()
        if isinstance(value, int)
    }
    codes = [
        max(code.builtinCode, code.deprecatedBuiltinCode)
        for code in model.operatorCodes
    ]
    return {
        names[codes[operator.opcodeIndex]]
        for subgraph in model.subgraphs
        for operator in subgraph.operators
    }


def first_places(values: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Values in the first of so many places, zeros in the others; and `present`."""
    padded = np.zeros((number, *values.shape[1:]), values.dtype)
    padded[: len(values)] = values
    return padded, (np.arange(number) < len(values)).astype(np.float32)


def learn(
    call: Call, settings: LiteRTSettings, images: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Weights, adapted to a support set by the batches that a SavedModel draws.

    Args:
      call: What runs the file.
      settings: Those beside it.
      images: float32 `[n, H, W, C]`.
      labels: int32 `[n]`, from 0 on without a gap.
    """
    ways = int(labels.max()) + 1
    batch_size = settings.batch_sizes[ways - 2]
    of_passes = inner_iterations_of_passes(
        settings.support_passes, len(images), batch_size
    )
    batches = support_batches(
        labels,
        ways,
        max(settings.inner_iterations, of_passes),
        batch_size,
        balanced=settings.class_balanced_batches,
    )
    shown = (np.arange(settings.ways) < ways).astype(np.float32)
    if not settings.shared_head:
        shown[:] = 1
    state = call("start", zero=np.zeros(1, np.float32))
    for rows in batches.numpy():
        batch, present = first_places(images[rows], settings.batch_size)
        numbers, _ = first_places(labels[rows], settings.batch_size)
        state = call(
            "step", images=batch, labels=numbers, present=present, shown=shown, **state
        )
        del state["loss"]
    return state["weights"]


def classify(
    call: Call,
    settings: LiteRTSettings,
    weights: np.ndarray,
    support: np.ndarray,
    query: np.ndarray,
    ways: int,
) -> np.ndarray:
    """The probabilities of the first classes, `[ways]`, for a query `[H, W, C]`."""
    images, present = first_places(support, settings.support_size)
    shown = (np.arange(settings.ways) < ways).astype(np.float32)
    inputs = {"support": images, "present": present, "query": query[np.newaxis]}
    answers = call("predict", weights=weights, shown=shown, **inputs)
    return answers["probabilities"][:ways]
