"""The same network of Keras's own layers, so that Keras alone can load it.

Keras's batch normalisation uses moving averages whenever a model predicts, which ours
never does. So it is made of Keras's operations here, and of a depthwise convolution of
one pixel, whose kernel is gamma and whose bias is beta.
"""

import keras
import numpy as np

from autometa_tf.networks.layer_factory import LayerFactory
from autometa_tf.networks.layers import BATCH_NORM_EPSILON
from autometa_tf.networks.network import build_network, network_of
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_kinds import Network


class KerasFactory(LayerFactory):
    """Layers of Keras's own, for one copy of a network."""

    def __init__(self):
        super().__init__(num_parallel_episodes=1, seed=0)

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
        self._next_seed()
        settings = {
            # Keras has no strided dilated convolutions: zeros are among the weights.
            "kernel_size": tuple((side - 1) * dilation + 1 for side in kernel_size),
            "strides": stride,
            "padding": "same",
            "use_bias": cancelled_bias,
            "data_format": "channels_last",
            "dtype": "float32",
            "name": self._name(self.convolution_name),
        }
        if depthwise:
            x = keras.layers.DepthwiseConv2D(**settings)(x)
        else:
            x = keras.layers.Conv2D(filters, **settings)(x)
        if not normalize:
            return x
        mean, variance = keras.ops.moments(x, axes=(0, 1, 2), keepdims=True)
        x = (x - mean) * keras.ops.rsqrt(variance + BATCH_NORM_EPSILON)
        return keras.layers.DepthwiseConv2D(
            1,
            data_format="channels_last",
            dtype="float32",
            name=self._name("normalization"),
        )(x)

    def concatenate(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        if len(inputs) == 1:
            return inputs[0]
        return keras.layers.Concatenate(dtype="float32")(inputs)

    def dense(self, x: keras.KerasTensor, units: int) -> keras.KerasTensor:
        self._next_seed()
        x = keras.layers.Flatten(data_format="channels_last", dtype="float32")(x)
        return keras.layers.Dense(
            units, dtype="float32", name=self._name(self.dense_name)
        )(x)


def keras_network(
    network: Network, config: NetworkConfig, task: Task, weights: np.ndarray
) -> keras.Model:
    """A network of Keras's own layers with given weights.

    Args:
      network: The cell, or conv4.
      config: What surrounds the cell.
      task: What it classifies.
      weights: float32 `[P]`, one after the other as the variables of `build_network`
        are.

    Returns:
      A model `[B, H, W, C] -> logits [B, ways]`. Like ours, it normalises by the batch:
      an answer depends on the other images of its batch.
    """
    own = build_network(network, config, task)
    made = network_of(network, config, task, KerasFactory())
    places = {
        id(variable): (layer.name, position)
        for layer in own.layers
        for position, variable in enumerate(layer.trainable_variables)
    }
    parts, first = {}, 0
    for variable in own.trainable_variables:
        size = int(np.prod(variable.shape))
        values = weights[first : first + size].reshape(variable.shape)
        parts[places[id(variable)]] = values
        first += size
    for layer in made.layers:
        _assign(layer, parts)
    return made


def _assign(
    layer: keras.layers.Layer, parts: dict[tuple[str, int], np.ndarray]
) -> None:
    """Gives a layer its weights; a normalisation has the last two of its convolution."""
    kind, _, number = layer.name.rpartition("_")
    if kind == "normalization":
        own = sorted(
            place
            for place in parts
            if place[0] == f"{KerasFactory.convolution_name}_{number}"
        )
        values = [parts[place] for place in own[-2:]]
    else:
        own = sorted(place for place in parts if place[0] == layer.name)
        values = [parts[place] for place in own]
    for variable, value in zip(layer.trainable_variables, values, strict=False):
        if value.size < np.prod(variable.shape):  # It is dilated.
            distance = (variable.shape[0] - 1) // (value.shape[0] - 1)
            whole = np.zeros(variable.shape, np.float32)
            whole[::distance, ::distance] = value
            value = whole
        variable.assign(np.reshape(value, variable.shape))
