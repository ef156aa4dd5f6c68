"""The network written once more, plainly, in float64: what the real one must compute.

No Keras, no copies, no thought of speed: convolutions by `tf.nn.conv2d`, pooling
window by window, normalisation by the textbook.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from autometa_tf.genomes.genome import Genome


class PlainNetwork:
    """Computes with the weights of a Keras model, layer by layer as they were made.

    Args:
      model: Made of layers with one copy of the weights.
    """

    def __init__(self, model: keras.Model):
        self._convolutions = _weights_of(model, "conv2d")
        self._normalization = []  # Of the convolution that came last.
        self._denses = _weights_of(model, "dense")

    def check_all_weights_used(self) -> None:
        """Raises AssertionError when the model has more layers than were computed."""
        left = [*self._convolutions, *self._denses]
        if left:
            raise AssertionError(f"Layers that were not used: {len(left)}.")

    def network(
        self,
        genome: Genome,
        images: np.ndarray,
        widths_and_strides: Sequence[tuple[int, int]],
        stem_stride: int,
    ) -> np.ndarray:
        """Stem, cells and head: `[B, H, W, C] -> logits`."""
        states = [self.normalize(self.conv(images, stem_stride))]
        needed = _states_needed(genome, len(widths_and_strides))
        for i, (width, stride) in enumerate(widths_and_strides):
            inputs = states[max(i - 1, 0)], states[i]
            if i + 1 in needed:
                states.append(self.cell(genome, inputs, width, stride))
            else:  # Nothing but its size matters.
                size = (-(-length // stride) for length in states[i].shape[1:3])
                states.append(np.zeros((len(images), *size, 0)))
        return self.dense(relu(states[-1]).mean(axis=(1, 2)))

    def cell(
        self, genome: Genome, inputs: Sequence[np.ndarray], width: int, stride: int
    ) -> np.ndarray:
        """One cell on H^(c-2) and H^(c-1)."""
        states = [None, None]
        for i in sorted(genome.inputs_read):
            smaller = inputs[i].shape[1] > inputs[1].shape[1]
            states[i] = self.normalize(self.conv(relu(inputs[i]), 2 if smaller else 1))
            if states[i].shape[-1] != width:
                raise AssertionError(f"Width {states[i].shape[-1]}, not {width}.")
        for block in genome.blocks:
            states.append(
                sum(
                    self.operation(name, states[i], stride if i < 2 else 1)
                    for i, name in block.halves
                )
            )
        read = {i for block in genome.blocks for i, _ in block.halves}
        loose = [x for i, x in enumerate(states) if i >= 2 and i not in read]
        return np.concatenate(loose, axis=-1)

    def operation(self, name: str, x: np.ndarray, stride: int) -> np.ndarray:
        """One operation, by its name."""
        if name in ("sep_conv3x3", "sep_conv5x5"):
            kernel, *_ = next(self._convolutions)
            return self.normalize(self.conv(depthwise(relu(x), kernel, stride), 1))
        if name == "dil_conv3x3":
            kernel, *self._normalization = next(self._convolutions)
            return self.normalize(dilated(relu(x), kernel, stride, 2))
        if name == "conv1x1":
            return self.normalize(self.conv(relu(x), stride))
        if name == "conv3x3":
            return self.normalize(self.conv(relu(x), stride))
        if name == "conv1x5_5x1":
            return self.normalize(self.conv(self.conv(relu(x), stride), 1))
        if name == "avg_pool3x3":
            return pool(x, 3, stride, np.mean)
        if name == "max_pool3x3":
            return pool(x, 3, stride, np.max)
        if name != "identity":
            raise AssertionError(f"Unknown operation {name!r}.")
        return x if stride == 1 else self.normalize(self.conv(relu(x), stride))

    def conv(self, x: np.ndarray, stride: int) -> np.ndarray:
        """A convolution with "same" padding and the next kernel; biases cancel out."""
        kernel, *others = next(self._convolutions)
        self._normalization = others[-2:]
        return tf.nn.conv2d(x, kernel, stride, "SAME").numpy()

    def normalize(self, x: np.ndarray) -> np.ndarray:
        """Batch normalisation with the batch's statistics and epsilon 1e-3."""
        gamma, beta = self._normalization
        mean = x.mean(axis=(0, 1, 2))
        variance = ((x - mean) ** 2).mean(axis=(0, 1, 2))
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def dense(self, x: np.ndarray) -> np.ndarray:
        """`[B, features] -> [B, units]`."""
        kernel, bias = next(self._denses)
        return x @ kernel + bias


def _states_needed(genome: Genome, num_cells: int) -> set[int]:
    """The states (0 is the stem, i the output of cell i) that the last one hangs on."""
    needed = {num_cells}
    for i in range(num_cells, 0, -1):
        if i in needed:
            needed |= {max(i - 2 + j, 0) for j in genome.inputs_read}
    return needed


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def depthwise(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Each channel with its own filter, kernel `[k, k, 1, C]`; padding "same"."""
    return _tap_by_tap(
        x, kernel, stride, 1, lambda pixels, weights: pixels * weights[0]
    )


def dilated(
    x: np.ndarray, kernel: np.ndarray, stride: int, dilation: int
) -> np.ndarray:
    """A convolution that reads pixels so far apart; padding "same"."""
    return _tap_by_tap(x, kernel, stride, dilation, np.matmul)


def _tap_by_tap(
    x: np.ndarray,
    kernel: np.ndarray,
    stride: int,
    dilation: int,
    product: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    reach = (len(kernel) - 1) * dilation
    counts = [-(-length // stride) for length in x.shape[1:3]]
    padding = [
        max((count - 1) * stride + reach + 1 - length, 0)
        for count, length in zip(counts, x.shape[1:3], strict=True)
    ]
    x = np.pad(x, [(0, 0), *((p // 2, p - p // 2 + stride) for p in padding), (0, 0)])
    rows, columns = (slice(0, (count - 1) * stride + 1, stride) for count in counts)
    return sum(
        product(
            np.roll(x, (-ky * dilation, -kx * dilation), axis=(1, 2))[:, rows, columns],
            kernel[ky, kx],
        )
        for ky in range(len(kernel))
        for kx in range(len(kernel))
    )


def pool(
    x: np.ndarray, size: int, stride: int, reduce: Callable[..., np.ndarray]
) -> np.ndarray:
    """Pooling with "same" padding, of which no window counts anything."""
    rows, columns = (_windows(length, size, stride) for length in x.shape[1:3])
    return np.stack(
        [
            np.stack([reduce(x[:, r, c], axis=(1, 2)) for c in columns], axis=1)
            for r in rows
        ],
        axis=1,
    )


def _windows(length: int, size: int, stride: int) -> list[slice]:
    num_windows = -(-length // stride)
    padding = max((num_windows - 1) * stride + size - length, 0)
    starts = [i * stride - padding // 2 for i in range(num_windows)]
    return [slice(max(start, 0), min(start + size, length)) for start in starts]


def _weights_of(model: keras.Model, kind: str) -> Iterator[list[np.ndarray]]:
    """Float64 weights of all layers of a kind, in the order the layers were made."""
    layers = [layer for layer in model.layers if kind in layer.name]

    def number(layer):
        found = re.search(r"_(\d+)$", layer.name)
        return int(found[1]) if found else 0

    return iter(
        [
            [weight.astype(np.float64) for weight in layer.get_weights()]
            for layer in sorted(layers, key=number)
        ]
    )
