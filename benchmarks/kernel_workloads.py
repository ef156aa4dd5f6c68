"""What `//benchmarks:kernels` measures: single operations of both layouts, on noise.

Letters: `E` copies, `B` batch, `C` and `F` channels of one copy that are read and made.
"""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from autometa_tf.kernels import operations
from autometa_tf.kernels.library import load_kernels
from autometa_tf.networks.layers import BATCH_NORM_EPSILON, normalize_channels

# A call of a chain should take some milliseconds, beside which its start is nothing.
_OPERATIONS_PER_CHAIN = 1.5e8
_NUMBERS_PER_CHAIN = 2e6
_LONGEST_CHAIN = 100


@dataclasses.dataclass(frozen=True)
class Side:
    """E copies of a network on batches of B images."""

    copies: int
    batch: int


@dataclasses.dataclass(frozen=True)
class Convolution:
    """Of images of size x size pixels, padding "same"."""

    size: int
    channels: int
    filters: int
    kernel_size: tuple[int, int]
    stride: int

    @property
    def title(self) -> str:
        """As in a table."""
        height, width = self.kernel_size
        return (
            f"{self.size}, {self.channels}→{self.filters}, {height}x{width}, "
            f"{self.stride}"
        )

    def operations(self, side: Side) -> int:
        """Floating-point operations, of the convolution and of either gradient."""
        made = side.copies * side.batch * self.filters * self.output_size**2
        return 2 * made * self.channels * math.prod(self.kernel_size)

    @property
    def output_size(self) -> int:
        """Height and width of what is made."""
        return -(-self.size // self.stride)


class Pass:
    """One operation, many times in one call.

    Args:
      compute: The operation; returns tensors.
      length: How many times `run` computes it.
    """

    def __init__(self, compute: Callable[[], object], length: int):
        self.compute = compute
        self.length = length
        self._chain = tf.function(self._compute_all).get_concrete_function()
        self.run()

    def run(self) -> None:
        """Computes all; returns when they are done."""
        self._chain().numpy()

    def _compute_all(self):
        made = []
        for _ in range(self.length):
            with tf.control_dependencies(made):  # One after another.
                made = tf.nest.flatten(self.compute())
        with tf.control_dependencies(made):
            return tf.constant(0)


def convolution_passes(convolution: Convolution, side: Side) -> dict[str, Pass]:
    """A convolution and its gradients, batch last ("kernels") and by TensorFlow."""
    stride, operations_each = convolution.stride, convolution.operations(side)
    x, dy = _maps(convolution, side)
    kernel = _kernel(convolution, side)
    x_last, dy_last = _batch_last(x), _batch_last(dy)
    settings = {"strides": [1, stride, stride, 1], "padding": "SAME"}
    shapes = tf.constant(x.shape), tf.constant(kernel.shape)

    def gradients(needs_input_gradient):
        return load_kernels().module.autometa_convolve_gradient(
            x=x_last,
            w=kernel,
            dy=dy_last,
            stride=stride,
            rectify=False,
            needs_input_gradient=needs_input_gradient,
        )

    computations = {
        "oneDNN, forward": lambda: tf.nn.conv2d(x, kernel, **settings),
        "oneDNN, input gradient": lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=shapes[0], filter=kernel, out_backprop=dy, **settings
        ),
        "oneDNN, kernel gradient": lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=shapes[1], out_backprop=dy, **settings
        ),
        "kernels, forward": lambda: operations.convolve(x_last, kernel, stride=stride),
        "kernels, kernel gradient": lambda: gradients(False).dw,
        "kernels, both gradients": lambda: tuple(gradients(True)),
    }
    length = _length(_OPERATIONS_PER_CHAIN, operations_each)
    return {name: Pass(each, length) for name, each in computations.items()}


def normalization_passes(size: int, channels: int, side: Side) -> dict[str, Pass]:
    """Normalisation; ours is part of a convolution, here 1x1, which is beside it."""
    convolution = Convolution(size, channels, channels, (1, 1), 1)
    x, dy = _maps(convolution, side)
    kernel = _kernel(convolution, side)
    x_last, dy_last = _batch_last(x), _batch_last(dy)
    gamma, beta = tf.ones(x.shape[-1]), tf.zeros(x.shape[-1])
    module = load_kernels().module
    plain = {"stride": 1, "rectify": False, "needs_input_gradient": True}

    def normalized():
        return module.autometa_convolve_normalize(
            x=x_last,
            w=kernel,
            gamma=gamma,
            beta=beta,
            epsilon=BATCH_NORM_EPSILON,
            **plain,
        )

    def normalize():
        return normalize_channels(x, gamma, beta)

    made = normalized()
    saved = {name: getattr(made, name) for name in ("z", "mean", "inverse_deviation")}
    gradient = {"x": x_last, "w": kernel, "dy": dy_last, **plain}
    computations = {
        "TensorFlow, forward": normalize,
        "TensorFlow, with gradient": _with_gradient(normalize, [x, gamma, beta], dy),
        "convolution, forward": lambda: operations.convolve(x_last, kernel),
        "convolution, gradient": lambda: tuple(
            module.autometa_convolve_gradient(**gradient)
        ),
        "kernels, forward": lambda: tuple(normalized()),
        "kernels, gradient": lambda: tuple(
            module.autometa_convolve_normalize_gradient(
                gamma=gamma, **saved, **gradient
            )
        ),
    }
    length = _length(_NUMBERS_PER_CHAIN, math.prod(x.shape))
    return {name: Pass(each, length) for name, each in computations.items()}


def pooling_passes(
    size: int, channels: int, side: Side, *, kind: str, stride: int
) -> dict[str, Pass]:
    """Pooling of 3x3 pixels, "max" or "average", and its gradient."""
    x, dy = _maps(Convolution(size, channels, channels, (3, 3), stride), side)
    x_last, dy_last = _batch_last(x), _batch_last(dy)
    ours = {"size": 3, "stride": stride, "is_maximum": kind == "max"}
    module = load_kernels().module
    y_last = module.autometa_pool(x=x_last, **ours)
    pool_2d = {"max": tf.nn.max_pool2d, "average": tf.nn.avg_pool2d}[kind]

    def pool():
        return pool_2d(x, 3, stride, "SAME")

    computations = {
        "TensorFlow, forward": pool,
        "TensorFlow, with gradient": _with_gradient(pool, [x], dy),
        "kernels, forward": lambda: module.autometa_pool(x=x_last, **ours),
        "kernels, gradient": lambda: module.autometa_pool_gradient(
            x=x_last, y=y_last, dy=dy_last, **ours
        ),
    }
    length = _length(_NUMBERS_PER_CHAIN, math.prod(x.shape))
    return {name: Pass(each, length) for name, each in computations.items()}


def _with_gradient(forward: Callable, sources: list[tf.Tensor], dy: tf.Tensor):
    """Both together: oneDNN's gradient of max pooling reads what its pooling noted."""

    def compute():
        with tf.GradientTape() as tape:
            tape.watch(sources)
            y = forward()
        return y, *tape.gradient(y, sources, output_gradients=dy)

    return compute


def _maps(convolution: Convolution, side: Side) -> tuple[tf.Tensor, tf.Tensor]:
    """What is read, and a gradient of what is made, channels last."""
    shapes = (
        (convolution.size, convolution.channels),
        (convolution.output_size, convolution.filters),
    )
    return tuple(
        _noise(side.batch, size, size, side.copies * channels)
        for size, channels in shapes
    )


def _kernel(convolution: Convolution, side: Side) -> tf.Tensor:
    filters = side.copies * convolution.filters
    return _noise(*convolution.kernel_size, convolution.channels, filters)


def _noise(*shape: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).normal(size=shape), tf.float32)


def _batch_last(x: tf.Tensor) -> tf.Tensor:
    """`[B, H, W, E*C] -> [E*C, H, W, B]`."""
    return tf.transpose(x, [3, 1, 2, 0])


def _length(whole: float, one: int) -> int:
    return min(_LONGEST_CHAIN, math.ceil(whole / one))
