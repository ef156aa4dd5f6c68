"""Keras layers whose gradients are written in forward operations, channels last.

They hold one copy of the weights, in the shapes of layers.py. A call needs images of
static shapes; see `forward_operations`.
"""

from typing import Any

import keras
import tensorflow as tf

from autometa_tf.networks import forward_operations as forward
from autometa_tf.networks.layer_weights import Shape
from autometa_tf.networks.layers import ParallelConv2D
from autometa_tf.networks.shared_normalization import normalize_by_shares


class ForwardConv2D(ParallelConv2D):
    """A convolution: see `ParallelConv2D`, whose weights it has.

    Where it normalises it reads `(x, shares)`, see `normalize_by_shares`; else `x`.
    """

    def build(self, input_shape: Shape | list[Shape]) -> None:
        super().build(_of_images(input_shape, self.normalize))

    def call(self, inputs: Any) -> tf.Tensor:
        x = inputs[0] if self.normalize else inputs
        kernel = self.dilated_kernel()
        if self.depthwise:  # As an ordinary one, whose other weights are zero.
            kernel *= tf.eye(self.filters)
        y = forward.convolve(x, kernel, self.stride)
        if not self.normalize:
            return y
        gamma, beta = map(tf.convert_to_tensor, (self.gamma, self.beta))
        return normalize_by_shares(y, gamma, beta, inputs[1])

    def compute_output_shape(self, input_shape: Shape | list[Shape]) -> Shape:
        return super().compute_output_shape(_of_images(input_shape, self.normalize))


def _of_images(input_shape: Any, with_shares: bool) -> Shape:
    return tuple(input_shape[0] if with_shares else input_shape)


class ForwardRectifier(keras.layers.Layer):
    """`max(x, 0)`."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return forward.rectify(x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


class ForwardPooling(keras.layers.Layer):
    """Pooling, padding "same": `[B, H, W, C] -> [B, H', W', C]`."""

    def __init__(self, kind: str, size: int, stride: int, **kw: Any):
        super().__init__(**kw)
        kinds = {"average": forward.average_pool, "max": forward.max_pool}
        if kind not in kinds:
            raise ValueError(
                f"`kind` must be one of {', '.join(kinds)}, whose gradients are written "
                f"in forward operations. Received: {kind!r}."
            )
        self.pool = kinds[kind]
        self.size = size
        self.stride = stride

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.pool(x, self.size, self.stride)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        return batch, -(-height // self.stride), -(-width // self.stride), channels
