"""Keras layers of E copies of a network on kernels for few channels, batch last.

Letters are as in layers.py. Activations are `[E*C, H, W, B]`: copy `e` owns the planes
`[e*C, (e+1)*C)`, and the images of a batch lie side by side at every pixel. Weights
have the shapes of layers.py, so that one vector of weights serves both layouts.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.kernels import operations
from autometa_tf.networks.layer_weights import (
    ConvolutionWeights,
    DenseWeights,
    Shape,
)
from autometa_tf.networks.layers import BATCH_NORM_EPSILON


class BatchLastConv2D(ConvolutionWeights):
    """E convolutions, padding "same".

    `[E*C, H, W, B] -> [E*filters, ceil(H/stride), ceil(W/stride), B]`

    Args:
      rectify: Whether it convolves `max(x, 0)`.
      reads_images: Whether nobody asks for the gradient of `x`.
      **kw: Further arguments, those of `ConvolutionWeights`.
    """

    def __init__(
        self,
        *args: Any,
        rectify: bool = False,
        reads_images: bool = False,
        **kw: Any,
    ):
        super().__init__(*args, **kw)
        self.rectify = rectify
        self.reads_images = reads_images

    def build(self, input_shape: Shape) -> None:
        self.add_weights(input_shape[0])

    def call(self, x: tf.Tensor) -> tf.Tensor:
        settings = {
            "stride": self.stride,
            "rectify": self.rectify,
            "needs_input_gradient": not self.reads_images,
        }
        # One input channel makes each channel a copy of its own: a depthwise one.
        kernel = self.dilated_kernel()
        if not self.normalize:
            return operations.convolve(x, kernel, **settings)
        gamma, beta = map(tf.convert_to_tensor, (self.gamma, self.beta))
        return operations.convolve_normalize(
            x, kernel, gamma, beta, epsilon=BATCH_NORM_EPSILON, **settings
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        planes = self.num_parallel_episodes * self.filters
        return planes, *_strided(input_shape, self.stride), input_shape[3]


class BatchLastPooling(keras.layers.Layer):
    """Pooling, padding "same": `[E*C, H, W, B] -> [E*C, H', W', B]`."""

    def __init__(self, kind: str, size: int, stride: int, **kw: Any):
        super().__init__(**kw)
        self.pool = {
            "average": operations.average_pool,
            "max": operations.max_pool,
        }[kind]
        self.size = size
        self.stride = stride

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.pool(x, size=self.size, stride=self.stride)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        rows, columns = _strided(input_shape, self.stride)
        return input_shape[0], rows, columns, input_shape[3]


class PostponedRectifier(keras.layers.Layer):
    """Passes its input on as it is: the convolutions that read it rectify it.

    In the graph it stands where the other layout rectifies, so that both layouts have
    the same layers in the same order, and so the same vector of weights.
    """

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


class BatchLastConcatenate(keras.layers.Layer):
    """Concatenates copy by copy: `n x [E*C, H, W, B] -> [E*n*C, H, W, B]`."""

    def __init__(self, *, num_parallel_episodes: int = 1, **kw: Any):
        super().__init__(**kw)
        self.num_parallel_episodes = num_parallel_episodes

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        copies = self.num_parallel_episodes
        planes, height, width, batch = inputs[0].shape
        batch = tf.shape(inputs[0])[3] if batch is None else batch
        by_copy = [copies, planes // copies, height, width, batch]
        joined = tf.concat([tf.reshape(x, by_copy) for x in inputs], axis=1)
        return tf.reshape(joined, [len(inputs) * planes, height, width, batch])

    def compute_output_shape(self, input_shapes: list[Shape]) -> Shape:
        return (len(input_shapes) * input_shapes[0][0], *input_shapes[0][1:])


class BatchLastAverage(keras.layers.Layer):
    """The average over all pixels of the rectified input: `-> [E*C, 1, 1, B]`."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.nn.relu(x), axis=[1, 2], keepdims=True)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], 1, 1, input_shape[3]


class BatchLastDense(DenseWeights):
    """E dense layers: `[E*C, H, W, B] -> [B, E*units]`, as `ParallelDense`."""

    def __init__(self, *args: Any, rectify: bool = False, **kw: Any):
        super().__init__(*args, **kw)
        self.rectify = rectify

    def build(self, input_shape: Shape) -> None:
        self.add_weights(int(np.prod(input_shape[:3])))

    def call(self, x: tf.Tensor) -> tf.Tensor:
        copies, units = self.num_parallel_episodes, self.units
        planes, height, width, _ = x.shape
        if self.rectify:
            x = tf.nn.relu(x)
        x = tf.reshape(x, [copies, planes // copies, height * width, -1])
        if height * width > 1:
            x = tf.transpose(x, [0, 2, 1, 3])
        x = tf.reshape(x, [copies, self.num_features, -1])
        kernel = tf.reshape(self.kernel, [self.num_features, copies, units])
        y = tf.matmul(x, tf.transpose(kernel, [1, 0, 2]), transpose_a=True)
        return tf.reshape(tf.transpose(y, [1, 0, 2]), [-1, copies * units]) + self.bias

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[3], self.num_parallel_episodes * self.units


def _strided(shape: Shape, stride: int) -> list[int]:
    return [-(-shape[axis] // stride) for axis in (1, 2)]
