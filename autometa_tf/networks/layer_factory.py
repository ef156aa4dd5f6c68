"""Makes the layers of one network: all hold E copies, each is seeded on its own.

There are two layouts of the same network: channels last, of TensorFlow's operations,
and batch last, of kernels for few channels. A third factory makes one that learns where
TensorFlow's gradients are missing. A network is described once, to any factory.
"""

from typing import Any

import keras

from autometa_tf.networks import batch_last_layers as batch_last
from autometa_tf.networks import forward_layers as forward
from autometa_tf.networks import layers as channels_last


class LayerFactory:
    """Applies layers to Keras tensors, channels last: `[B, H, W, E*C]`.

    Layers are seeded in the order in which they are made, so the initial weights are a
    function of (network, seed) and of nothing else in the process. No layer depends on
    Keras's settings of data format and precision.

    Args:
      num_parallel_episodes: E.
      seed: The seed of the initial weights.
    """

    convolution_layer = channels_last.ParallelConv2D
    concatenation_layer = channels_last.ParallelConcatenate
    dense_layer = channels_last.ParallelDense
    # What names of layers begin with, which profiles show.
    convolution_name, dense_name = "parallel_conv2d", "parallel_dense"

    def __init__(self, num_parallel_episodes: int, seed: int):
        if num_parallel_episodes < 1:
            raise ValueError(
                "`num_parallel_episodes` must be at least 1. "
                f"Received: {num_parallel_episodes}."
            )
        self.num_parallel_episodes = num_parallel_episodes
        self._seed = seed
        self._num_seeded = 0

    def _next_seed(self) -> int:
        self._num_seeded += 1
        # Keras hashes its seeds; 2**12 is far above the layers of any network here.
        return (self._seed * 4096 + self._num_seeded) % 2**31

    def _name(self, kind: str) -> str:
        """Of the layer that was seeded last: its number is the same in any layout."""
        return f"{kind}_{self._num_seeded}"

    def _copies(self) -> dict[str, Any]:
        return {
            "num_parallel_episodes": self.num_parallel_episodes,
            "dtype": "float32",
        }

    def images(self, image_shape: tuple[int, int, int]) -> keras.KerasTensor:
        """The network's input, images of `(H, W, C)` for each copy."""
        height, width, channels = image_shape
        planes = self.num_parallel_episodes * channels
        return keras.Input((height, width, planes), dtype="float32")

    def conv(
        self,
        x: keras.KerasTensor,
        filters: int,
        kernel_size: tuple[int, int],
        stride: int = 1,
        *,
        normalize: bool = False,
        cancelled_bias: bool = False,
        depthwise: bool = False,
        dilation: int = 1,
    ) -> keras.KerasTensor:
        """Convolution, padding "same"; see `ConvolutionWeights`."""
        return self.convolution_layer(
            filters,
            kernel_size,
            stride=stride,
            normalize=normalize,
            cancelled_bias=cancelled_bias,
            depthwise=depthwise,
            dilation=dilation,
            seed=self._next_seed(),
            name=self._name(self.convolution_name),
            **self._convolution_reads(x),
            **self._copies(),
        )(self._with_shares(x) if normalize else x)

    def _with_shares(self, x: keras.KerasTensor) -> Any:
        """What a convolution reads that normalises."""
        return x

    def _convolution_reads(self, x: keras.KerasTensor) -> dict[str, Any]:
        """What a convolution has to know of its input, as arguments of its layer."""
        return {}

    def rectify(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """`max(x, 0)`, for convolutions, `average` and `dense` to read."""
        return keras.layers.ReLU(dtype="float32")(x)

    def pool(
        self, x: keras.KerasTensor, kind: str, size: int, stride: int
    ) -> keras.KerasTensor:
        """Pooling, padding "same"; `kind` is "average" or "max"."""
        pooling = {
            "average": keras.layers.AveragePooling2D,
            "max": keras.layers.MaxPooling2D,
        }[kind]
        return pooling(
            size,
            strides=stride,
            padding="same",
            data_format="channels_last",
            dtype="float32",
        )(x)

    def add(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """The sum of tensors of one shape."""
        return keras.layers.Add(dtype="float32")(inputs)

    def concatenate(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Concatenation of channels, copy by copy."""
        if len(inputs) == 1:
            return inputs[0]
        return self.concatenation_layer(**self._copies())(inputs)

    def average(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """The average over all pixels of what `rectify` made."""
        return keras.layers.GlobalAveragePooling2D(
            data_format="channels_last", dtype="float32"
        )(x)

    def dense(self, x: keras.KerasTensor, units: int) -> keras.KerasTensor:
        """Dense layer with bias over everything but the batch: `-> [B, E*units]`."""
        return self.dense_layer(
            units,
            seed=self._next_seed(),
            name=self._name(self.dense_name),
            **self._dense_reads(x),
            **self._copies(),
        )(x)

    def _dense_reads(self, x: keras.KerasTensor) -> dict[str, Any]:
        """What a dense layer has to know of its input, as arguments of the layer."""
        return {}

    def model(
        self, images: keras.KerasTensor, outputs: keras.KerasTensor
    ) -> keras.Model:
        """The network from what `images` returned to the last layer's outputs."""
        return keras.Model(images, outputs)


class BatchLastFactory(LayerFactory):
    """The same layers in the same order, batch last: `[E*C, H, W, B]`.

    A rectifier is left to the layers that read it; only they may.
    """

    convolution_layer = batch_last.BatchLastConv2D
    concatenation_layer = batch_last.BatchLastConcatenate
    dense_layer = batch_last.BatchLastDense
    convolution_name, dense_name = "batch_last_conv2d", "batch_last_dense"

    def __init__(self, num_parallel_episodes: int, seed: int):
        super().__init__(num_parallel_episodes, seed)
        self._images = None
        self._rectified = []

    def images(self, image_shape: tuple[int, int, int]) -> keras.KerasTensor:
        height, width, channels = image_shape
        planes = self.num_parallel_episodes * channels
        self._images = keras.Input(
            batch_shape=(planes, height, width, None), dtype="float32"
        )
        return self._images

    def _convolution_reads(self, x: keras.KerasTensor) -> dict[str, Any]:
        return self._dense_reads(x) | {"reads_images": x is self._images}

    def _dense_reads(self, x: keras.KerasTensor) -> dict[str, Any]:
        return {"rectify": any(x is rectified for rectified in self._rectified)}

    def rectify(self, x: keras.KerasTensor) -> keras.KerasTensor:
        x = batch_last.PostponedRectifier(dtype="float32")(x)
        self._rectified.append(x)
        return x

    def pool(
        self, x: keras.KerasTensor, kind: str, size: int, stride: int
    ) -> keras.KerasTensor:
        return batch_last.BatchLastPooling(kind, size, stride, dtype="float32")(x)

    def average(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return batch_last.BatchLastAverage(dtype="float32")(x)


class ForwardFactory(LayerFactory):
    """The same layers in the same order, with gradients of forward operations.

    The model reads `(images, shares)`: with `normalize_by_shares` a batch may hold fewer
    images than its fixed size says. There is one copy of the weights.

    Args:
      seed: The seed of the initial weights.
    """

    convolution_layer = forward.ForwardConv2D

    def __init__(self, seed: int = 0):
        super().__init__(num_parallel_episodes=1, seed=seed)
        self._shares = keras.Input((), dtype="float32")

    def _with_shares(self, x: keras.KerasTensor) -> Any:
        return [x, self._shares]

    def rectify(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return forward.ForwardRectifier(dtype="float32")(x)

    def pool(
        self, x: keras.KerasTensor, kind: str, size: int, stride: int
    ) -> keras.KerasTensor:
        return forward.ForwardPooling(kind, size, stride, dtype="float32")(x)

    def model(
        self, images: keras.KerasTensor, outputs: keras.KerasTensor
    ) -> keras.Model:
        return keras.Model([images, self._shares], outputs)


def make_factory(
    num_parallel_episodes: int, seed: int, *, batch_last: bool
) -> LayerFactory:
    """The factory of a layout; batch last needs kernels (`kernels.library`)."""
    factory = BatchLastFactory if batch_last else LayerFactory
    return factory(num_parallel_episodes, seed)
