"""Operations whose gradients are written in forward operations, channels last.

The builtin operations of LiteRT have no gradients of convolutions, poolings and
rectifiers, so a network that learns on a phone or in a browser cannot use TensorFlow's.
Here every gradient is itself a convolution, a pooling or arithmetic. All shapes are
static. Gradients are of the first order only.

Letters: `B` batch, `H, W` height and width, `C` channels, `F` filters.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

# In TensorFlow's type of a gradient: what a custom gradient returns beside its value.
Gradient = Callable[[tf.Tensor], object]

_LOWEST = -3e38  # Below every activation; float32's own lowest overflows in a sum.
_ROWS, _COLUMNS = 1, 2  # Axes of an image.


class _Window(NamedTuple):
    """Where windows of a padding "same" lie along an axis.

    Attributes:
      length: The pixels of the axis.
      size: The pixels of a window.
      stride: The pixels from one window to the next.
    """

    length: int
    size: int
    stride: int

    @property
    def count(self) -> int:
        """The number of windows."""
        return -(-self.length // self.stride)

    @property
    def padding(self) -> tuple[int, int]:
        """The pixels that are missing before and after the axis."""
        needed = (self.count - 1) * self.stride + self.size - self.length
        total = max(needed, 0)
        return total // 2, total - total // 2


def convolve(x: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Convolution, padding "same".

    Args:
      x: `[B, H, W, C]`.
      kernel: `[k_h, k_w, C, F]`.
      stride: The stride of both axes.

    Returns:
      `[B, ceil(H/stride), ceil(W/stride), F]`.
    """
    strides = [stride, stride]
    for axis in (_ROWS, _COLUMNS):
        if kernel.shape[axis - 1] == 1 and stride > 1:
            # Else the gradient would need negative padding, which not all of those who
            # run such graphs understand.
            x, strides[axis - 1] = subsample(x, axis, stride), 1

    @tf.custom_gradient
    def convolved(x: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        y = tf.nn.conv2d(x, kernel, strides=strides, padding="SAME")

        def gradient(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            dx = tf.nn.conv2d_transpose(dy, kernel, x.shape, strides, "SAME")
            return dx, _kernel_gradient(x, dy, kernel.shape, strides)

        return y, gradient

    return convolved(x, kernel)


def _kernel_gradient(
    x: tf.Tensor, dy: tf.Tensor, kernel_shape: tf.TensorShape, strides: list[int]
) -> tf.Tensor:
    """A convolution of x, as `[C, H, W, B]`, with dy, as `[H', W', B, F]`.

    Its windows are dilated by the strides, and there is one for each pixel of the
    kernel, and others that are cut off.
    """
    height, width = kernel_shape[:2]
    rows = _Window(x.shape[_ROWS], height, strides[0]).padding
    columns = _Window(x.shape[_COLUMNS], width, strides[1]).padding
    x = tf.pad(tf.transpose(x, [3, 1, 2, 0]), [[0, 0], rows, columns, [0, 0]])
    dy = tf.transpose(dy, [1, 2, 0, 3])
    found = tf.nn.conv2d(x, dy, 1, "VALID", dilations=strides)
    return tf.transpose(found[:, :height, :width], [1, 2, 0, 3])


def subsample(x: tf.Tensor, axis: int, stride: int) -> tf.Tensor:
    """Every `stride`-th row (axis 1) or column (axis 2), from the first on."""
    length = x.shape[axis]

    @tf.custom_gradient
    def subsampled(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        def gradient(dy: tf.Tensor) -> tf.Tensor:
            return _fit(_spread(dy, axis, stride), axis, 0, length)

        return _slice(x, axis, 0, length, stride), gradient

    return subsampled(x)


@tf.custom_gradient
def rectify(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    """`max(x, 0)`; at 0 its gradient is 0."""
    return tf.nn.relu(x), lambda dy: dy * tf.cast(x > 0.0, dy.dtype)


@tf.custom_gradient
def cross_entropy(
    logits: tf.Tensor, one_hot: tf.Tensor, shares: tf.Tensor
) -> tuple[tf.Tensor, Gradient]:
    """The mean cross-entropy of a batch in which images have unequal shares.

    Args:
      logits: `[B, N]`.
      one_hot: `[B, N]`, the classes.
      shares: `[B]` with the sum 1. Nobody asks for their gradient, nor the classes'.
    """
    log_probabilities = tf.nn.log_softmax(logits)
    shares = tf.reshape(shares, [-1, 1])

    def gradient(d_loss: tf.Tensor) -> tuple[tf.Tensor, None, None]:
        return (tf.exp(log_probabilities) - one_hot) * (shares * d_loss), None, None

    return -tf.reduce_sum(log_probabilities * one_hot * shares), gradient


def average_pool(x: tf.Tensor, size: int, stride: int) -> tf.Tensor:
    """Average pooling, padding "same", which does not count: `-> [B, H', W', C]`.

    Its gradient is an average pooling too, of gradients with zeros between them, each
    divided by the number of pixels it is an average of.
    """
    windows = {axis: _Window(x.shape[axis], size, stride) for axis in (_ROWS, _COLUMNS)}
    pixels = np.outer(*(_pixels_of(window) for window in windows.values()))
    factor = (size**2 / pixels)[np.newaxis, :, :, np.newaxis].astype(np.float32)

    @tf.custom_gradient
    def pooled(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        def gradient(dy: tf.Tensor) -> tf.Tensor:
            dy = dy * factor
            for axis, window in windows.items():
                before = size - 1 - window.padding[0]
                dy = _spread(dy, axis, stride)
                dy = _fit(dy, axis, before, window.length + size - 1)
            return tf.nn.avg_pool2d(dy, size, 1, "VALID")

        return tf.nn.avg_pool2d(x, size, stride, "SAME"), gradient

    return pooled(x)


def _pixels_of(window: _Window) -> np.ndarray:
    """The number of pixels that each window holds of its axis."""
    begin = np.arange(window.count) * window.stride - window.padding[0]
    end = np.minimum(begin + window.size, window.length)
    return end - np.maximum(begin, 0)


def max_pool(x: tf.Tensor, size: int, stride: int) -> tf.Tensor:
    """Max pooling, padding "same": `-> [B, H', W', C]`.

    As in TensorFlow on a CPU, of several largest pixels the first has the gradient, row
    by row. It goes along the rows of a window and then from row to row, which takes
    twice `size` comparisons in place of `size` squared.
    """
    return _max_pool_along(
        _max_pool_along(x, _COLUMNS, size, stride), _ROWS, size, stride
    )


def _max_pool_along(x: tf.Tensor, axis: int, size: int, stride: int) -> tf.Tensor:
    window = _Window(x.shape[axis], size, stride)
    sizes, strides = [1, 1], [1, 1]
    sizes[axis - 1], strides[axis - 1] = size, stride

    @tf.custom_gradient
    def pooled(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        y = tf.nn.max_pool2d(x, sizes, strides, "SAME")

        def gradient(dy: tf.Tensor) -> tf.Tensor:
            parts, left = [], dy
            for value in _pixels_in_windows(x, axis, window):
                parts.append(left * tf.cast(tf.equal(value, y), dy.dtype))
                left = left - parts[-1]
            return _put_back(parts, axis, window)

        return y, gradient

    return pooled(x)


def _pixels_in_windows(x: tf.Tensor, axis: int, window: _Window) -> list[tf.Tensor]:
    """The first pixel of every window, the second of every window and so on."""
    paddings = [[0, 0]] * 4
    paddings[axis] = list(window.padding)
    x = tf.pad(x, paddings, constant_values=_LOWEST)
    span = (window.count - 1) * window.stride + 1
    return [
        _slice(x, axis, begin, begin + span, window.stride)
        for begin in range(window.size)
    ]


def _put_back(parts: Sequence[tf.Tensor], axis: int, window: _Window) -> tf.Tensor:
    """The gradient of `_pixels_in_windows`."""
    return tf.add_n(
        [
            _fit(
                _spread(part, axis, window.stride),
                axis,
                number - window.padding[0],
                window.length,
            )
            for number, part in enumerate(parts)
        ]
    )


def _slice(x: tf.Tensor, axis: int, begin: int, end: int, step: int = 1) -> tf.Tensor:
    if axis == _ROWS:
        return x[:, begin:end:step]
    return x[:, :, begin:end:step]


def _spread(x: tf.Tensor, axis: int, stride: int) -> tf.Tensor:
    """Puts `stride - 1` zeros after every row or column.

    One axis at a time in few dimensions, since LiteRT pads at most five.
    """
    if stride == 1:
        return x
    batch, height, width, channels = x.shape
    if axis == _ROWS:
        apart, shape = [batch * height, 1, width * channels], [height * stride, width]
    else:
        apart, shape = [batch * height * width, 1, channels], [height, width * stride]
    x = tf.pad(tf.reshape(x, apart), [[0, 0], [0, stride - 1], [0, 0]])
    return tf.reshape(x, [batch, *shape, channels])


def _fit(x: tf.Tensor, axis: int, before: int, length: int) -> tf.Tensor:
    """Puts `before` zeros before an axis, and as many after it as its length wants.

    Where a number is negative so many pixels are cut off.
    """
    after = length - before - x.shape[axis]
    if min(before, after) < 0:
        x = _slice(x, axis, max(-before, 0), x.shape[axis] + min(after, 0))
    if max(before, after) <= 0:
        return x
    paddings = [[0, 0]] * 4
    paddings[axis] = [max(before, 0), max(after, 0)]
    return tf.pad(x, paddings)
