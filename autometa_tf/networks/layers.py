"""Keras layers that hold E independent copies of their weights, channels last.

`E` = num_parallel_episodes, `B` = batch, `H, W` = height and width, `C` = channels of
one copy. Activations are `[B, H, W, E*C]`: copy `e` owns channels `[e*C, (e+1)*C)`.
The last axis of every weight holds the E copies in the same way.
With E = 1 these are the ordinary layers.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.networks.layer_weights import (
    ConvolutionWeights,
    DenseWeights,
    Shape,
)

BATCH_NORM_EPSILON = 1e-3  # Reptile's

# TensorFlow's fused normalisation is twice as fast as ours on a CPU where the channels
# are a multiple of this, and several times slower elsewhere.
_FAST_FUSED_CHANNELS = 16


class ParallelConv2D(ConvolutionWeights):
    """E convolutions, one for each copy, as convolution groups.

    `[B, H, W, E*C] -> [B, ceil(H/stride), ceil(W/stride), E*filters]`; padding "same".
    It calls `tf.nn.conv2d` itself, because Keras sends grouped convolutions through
    XLA, which is far slower on a CPU.
    """

    def build(self, input_shape: Shape) -> None:
        self.add_weights(input_shape[-1])

    def call(self, x: tf.Tensor) -> tf.Tensor:
        stride = self.stride
        if self.kernel_size == (1, 1) and stride > 1:
            # The same numbers as a strided 1x1 convolution. oneDNN's strided 1x1
            # kernel writes out of bounds for few channels on large images. Pooling of
            # single pixels subsamples 14 times faster than a strided slice.
            x = tf.nn.avg_pool2d(x, 1, stride, "SAME", data_format="NHWC")
            stride = 1
        y = self._convolve(x, stride)
        if not self.normalize:
            return y
        with tf.name_scope("normalization"):  # For profiles.
            return normalize_channels(
                y, tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
            )

    def _convolve(self, x: tf.Tensor, stride: int) -> tf.Tensor:
        kernel = self.dilated_kernel()
        if not self.depthwise:
            return tf.nn.conv2d(x, kernel, stride, "SAME", data_format="NHWC")
        # Its gradients need no grouped convolutions.
        return tf.nn.depthwise_conv2d(
            x,
            tf.transpose(kernel, [0, 1, 3, 2]),
            [1, stride, stride, 1],
            "SAME",
            data_format="NHWC",
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, _ = input_shape
        channels = self.num_parallel_episodes * self.filters
        return batch, -(-height // self.stride), -(-width // self.stride), channels


def normalize_channels(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) -> tf.Tensor:
    """`normalize_with_batch_statistics`, by TensorFlow's own kernel where that pays."""
    if x.shape[-1] % _FAST_FUSED_CHANNELS:
        return normalize_with_batch_statistics(x, gamma, beta)
    y, _, _ = tf.compat.v1.nn.fused_batch_norm(
        x, gamma, beta, epsilon=BATCH_NORM_EPSILON, data_format="NHWC"
    )
    return y


@tf.custom_gradient
def normalize_with_batch_statistics(
    x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, ...]]]:
    """`(x - mean) / sqrt(var + epsilon) * gamma + beta`, moments over all but channels.

    On a CPU TensorFlow's fused kernel is slow unless the channel count is a multiple
    of 16; its reductions are slower than a matrix product, and its arithmetic with a
    short row of channels is slower than with a long one. So whole rows of the image,
    `[n, W*C]`, are multiplied by and added to a row of W equal parts, sums are
    `[1, n] @ [n, W*C]`, and the gradient is written out in as few passes over `x` as
    it needs:  dx = a*dy + b*x + c  with per-channel a, b, c.

    Args:
      x: `[B, H, W, C]`; W and C are static.
      gamma: `[C]`.
      beta: `[C]`.

    Returns:
      A tensor shaped like `x`, with first-order gradients only.
    """
    x = tf.convert_to_tensor(x)
    # Few operations, since tracing costs as much as a short training: known shapes
    # need none, and constants are made once.
    shape = x.shape if x.shape.is_fully_defined() else tf.shape(x)
    width, channels = x.shape[-2:]
    rows_shape = tf.constant([-1, width * channels])
    parts_shape = tf.constant([width, channels])
    first_axis, width_times = tf.constant(0), tf.constant([width])
    x = tf.reshape(x, rows_shape)
    num_rows = x.shape[0] or tf.shape(x)[0]
    count = tf.cast(num_rows * width, x.dtype)
    average = tf.fill([1, num_rows], 1.0 / count)

    def mean_of(rows):
        return tf.reduce_sum(tf.reshape(average @ rows, parts_shape), first_axis)

    def row_of(channel_values):
        return tf.tile(channel_values, width_times)

    mean = mean_of(x)
    # Rounding can leave a tiny negative difference where the variance is zero.
    variance = tf.maximum(mean_of(tf.square(x)) - tf.square(mean), 0.0)
    inverse_deviation = tf.math.rsqrt(variance + BATCH_NORM_EPSILON)
    scale = gamma * inverse_deviation
    scale_row = row_of(scale)
    y = tf.nn.bias_add(x * scale_row, row_of(beta - mean * scale))

    def gradient(dy):
        with tf.name_scope("normalization_gradient"):  # For profiles.
            dy = tf.reshape(dy, rows_shape)
            d_beta = mean_of(dy)  # A mean, as all here.
            d_gamma = inverse_deviation * (mean_of(dy * x) - mean * d_beta)
            slope = scale * inverse_deviation * d_gamma
            offset = mean * slope - scale * d_beta
            dx = tf.nn.bias_add(dy * scale_row - x * row_of(slope), row_of(offset))
            return tf.reshape(dx, shape), d_gamma * count, d_beta * count

    return tf.reshape(y, shape), gradient


class ParallelConcatenate(keras.layers.Layer):
    """Concatenates copy by copy: `n x [B, H, W, E*C] -> [B, H, W, E*n*C]`."""

    def __init__(self, *, num_parallel_episodes: int = 1, **kw: Any):
        super().__init__(**kw)
        self.num_parallel_episodes = num_parallel_episodes

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        # Stacked and transposed, since that takes half the time of a concatenation of
        # few channels at a time, and a third of its gradient.
        height, width, channels = inputs[0].shape[1:]
        copies = self.num_parallel_episodes
        shape = [len(inputs), -1, copies, channels // copies]
        stacked = tf.reshape(tf.stack(inputs), shape)
        by_copy = tf.transpose(stacked, [1, 2, 0, 3])
        return tf.reshape(by_copy, [-1, height, width, len(inputs) * channels])

    def compute_output_shape(self, input_shapes: list[Shape]) -> Shape:
        return (*input_shapes[0][:-1], len(input_shapes) * input_shapes[0][-1])


class ParallelDense(DenseWeights):
    """E dense layers with bias over `[B, ..., E*C]`: `-> [B, E*units]`."""

    def build(self, input_shape: Shape) -> None:
        self.add_weights(int(np.prod(input_shape[1:])))

    def call(self, x: tf.Tensor) -> tf.Tensor:
        copies, units = self.num_parallel_episodes, self.units
        if copies == 1:
            return tf.reshape(x, [-1, self.num_features]) @ self.kernel + self.bias
        positions = int(np.prod(x.shape[1:-1]))
        x = tf.reshape(x, [-1, positions, copies, x.shape[-1] // copies])
        x = tf.reshape(tf.transpose(x, [2, 0, 1, 3]), [copies, -1, self.num_features])
        kernel = tf.reshape(self.kernel, [self.num_features, copies, units])
        y = x @ tf.transpose(kernel, [1, 0, 2])
        return tf.reshape(tf.transpose(y, [1, 0, 2]), [-1, copies * units]) + self.bias

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], self.num_parallel_episodes * self.units
