"""The weights of layers that hold E independent copies, in either layout.

Letters are as in layers.py. The last axis of every weight holds the E copies, so a weight
of the E-copy layer is the weight of the one-copy layer tiled E times along its last axis.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

# The shape of a tensor; None stands for the batch, whose size is open.
Shape = tuple[int | None, ...]


class TiledInitializer(keras.initializers.Initializer):
    """Draws one copy of a weight and repeats it, so that all copies start equal.

    Initialisers look at the fan-in and fan-out, which must be those of one copy.
    """

    def __init__(self, initializer: keras.initializers.Initializer, num_copies: int):
        self.initializer = keras.initializers.get(initializer)
        self.num_copies = num_copies

    def __call__(self, shape: Shape, dtype: str | None = None) -> tf.Tensor:
        one = (*shape[:-1], shape[-1] // self.num_copies)
        value = self.initializer(one, dtype=dtype)
        return tf.tile(value, [1] * (len(one) - 1) + [self.num_copies])

    def get_config(self) -> dict[str, Any]:
        return {
            "initializer": keras.initializers.serialize(self.initializer),
            "num_copies": self.num_copies,
        }


class ConvolutionWeights(keras.layers.Layer):
    """The weights of E convolutions, in either layout.

    The kernel is `[k_h, k_w, C, E*filters]`, a depthwise one's `[k_h, k_w, 1, E*C]`; a
    normalisation's gamma and beta are `[E*filters]`.

    Args:
      filters: The number of filters of one copy.
      kernel_size: `(k_h, k_w)`.
      stride: The stride of both axes.
      normalize: Whether the batch's statistics normalise the output, as Reptile does in
        training and at test time; no moving averages are kept (Nichol et al. 2018,
        section 6.1 on transduction).
      cancelled_bias: Whether to add a bias `[E*filters]` to the weights but not to the
        output: a normalisation would subtract it again, and its gradient is zero. It is
        there so that published networks have their published parameters.
      depthwise: Whether there is one filter for each channel, which reads it alone.
      dilation: The distance of the pixels that a kernel reads, in both axes.
      num_parallel_episodes: E.
      seed: The seed of the initial kernel.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, int],
        *,
        stride: int = 1,
        normalize: bool = False,
        cancelled_bias: bool = False,
        depthwise: bool = False,
        dilation: int = 1,
        num_parallel_episodes: int = 1,
        seed: int | None = None,
        **kw: Any,
    ):
        super().__init__(**kw)
        self.depthwise = depthwise
        self.dilation = dilation
        self.normalize = normalize
        self.cancelled_bias = cancelled_bias
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.stride = stride
        self.num_parallel_episodes = num_parallel_episodes
        self.seed = seed

    def add_weights(self, num_channels: int) -> None:
        """Makes the weights for E*C input channels."""
        copies = self.num_parallel_episodes
        channels = num_channels // copies
        if self.depthwise and channels != self.filters:
            raise ValueError(
                f"`filters` must be {channels}, one for each channel, of a depthwise "
                f"convolution. Received: {self.filters}."
            )
        channels_read = 1 if self.depthwise else channels
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels_read, copies * self.filters),
            initializer=TiledInitializer(
                keras.initializers.GlorotUniform(self.seed), copies
            ),
        )
        shape = (copies * self.filters,)
        if self.cancelled_bias:
            self.add_weight(name="bias", shape=shape, initializer="zeros")
        if self.normalize:
            self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
            self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")

    def dilated_kernel(self) -> tf.Tensor:
        """The kernel with zeros for the pixels that a dilated one leaves out.

        It costs as much as one of its whole size. But it is right wherever convolutions
        are, which for TensorFlow's dilated ones on a CPU depends on how it was built.
        """
        kernel = tf.convert_to_tensor(self.kernel)
        if self.dilation == 1:
            return kernel
        for axis in (0, 1):
            kernel = _with_zeros_between(kernel, axis, self.dilation)
        return kernel


def _with_zeros_between(x: tf.Tensor, axis: int, distance: int) -> tf.Tensor:
    """Puts `distance - 1` zeros between neighbours along an axis.

    By a product, whose gradient is a product too: LiteRT has none of slices.
    """
    shape = list(x.shape)
    before, size, after = int(np.prod(shape[:axis])), shape[axis], -1
    places = np.zeros([(size - 1) * distance + 1, size], np.float32)
    places[::distance] = np.eye(size)
    shape[axis] = len(places)
    x = tf.reshape(x, [before, size, after])
    return tf.reshape(tf.matmul(np.tile(places, [before, 1, 1]), x), shape)


class DenseWeights(keras.layers.Layer):
    """The weights of E dense layers, in either layout.

    The kernel is `[features, E*units]`, the bias `[E*units]`. Features are numbered
    row by row, with the channels of one copy last, as `keras.layers.Flatten` would.
    """

    def __init__(
        self,
        units: int,
        *,
        num_parallel_episodes: int = 1,
        seed: int | None = None,
        **kw: Any,
    ):
        super().__init__(**kw)
        self.units = units
        self.num_parallel_episodes = num_parallel_episodes
        self.seed = seed

    def add_weights(self, num_inputs: int) -> None:
        """Makes the weights for the inputs of all copies."""
        copies = self.num_parallel_episodes
        self.num_features = num_inputs // copies
        initializer = keras.initializers.GlorotUniform(self.seed)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.num_features, copies * self.units),
            initializer=TiledInitializer(initializer, copies),
        )
        self.bias = self.add_weight(
            name="bias", shape=(copies * self.units,), initializer="zeros"
        )
