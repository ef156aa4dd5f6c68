"""For tests of our kernels: what runs here, and gradients of a function."""

import os
import unittest
from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from autometa_tf.kernels.library import load_kernels


def require_kernels() -> None:
    """Skips a module or a test, with the reason, where no kernels as wanted run."""
    try:
        kernels = load_kernels()
    except ValueError as error:
        raise unittest.SkipTest(f"not on this machine: {error}") from error
    if kernels.path == "off":
        raise unittest.SkipTest(f"no kernels: {kernels.reason}")
    wanted = os.environ.get("AUTOMETA_KERNELS") or kernels.path
    if kernels.path != wanted:
        raise AssertionError(f"{kernels.path} runs, not {wanted}")


def outputs_and_gradients(
    function: Callable[..., tf.Tensor],
    arguments: Iterable[np.ndarray],
    dy: np.ndarray,
) -> list[tf.Tensor]:
    """The output, and the gradients of `sum(output * dy)` for all arguments."""
    arguments = [tf.constant(argument) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = function(*arguments)
    dy = tf.constant(dy, y.dtype)
    return [y, *tape.gradient(y, arguments, output_gradients=dy)]


def batch_last(x: np.ndarray) -> np.ndarray:
    """`[B, H, W, E*C] -> [E*C, H, W, B]`."""
    return np.transpose(x, [3, 1, 2, 0])


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Float32 numbers of a standard normal distribution."""
    return rng.normal(size=shape).astype(np.float32)
