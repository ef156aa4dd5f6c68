"""Counts a network's floating-point operations from the shapes of its layers."""

import dataclasses

import keras
import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class OperationsCount:
    """Floating-point operations for one image; a multiplication and an addition are 2.

    Attributes:
      forward: Of the prediction.
      kernel_gradients: Of the loss's gradient with respect to the kernels.
      input_gradients: With respect to what the layers read. Of layers that read the
        images themselves it is not needed, and not counted.
    """

    forward: int
    kernel_gradients: int
    input_gradients: int

    @property
    def training(self) -> int:
        """Of one prediction and both gradients."""
        return self.forward + self.kernel_gradients + self.input_gradients


def count_operations(model: keras.Model) -> OperationsCount:
    """Counts convolutions and dense layers of a functional model, whoever made them.

    All else (normalisation, pooling, additions, Adam) is less than a tenth of it and is
    not counted. A window counts in full where it reaches beyond the image's edge. Of a
    model with E copies, each counts.
    """
    forward = input_gradients = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is None:
            continue
        # Every output is a sum over the kernel's other axes, and so is each gradient a
        # sum of as many products.
        outputs = int(np.prod(layer.output.shape[1:]))
        operations = 2 * outputs * int(np.prod(kernel.shape[:-1]))
        forward += operations
        if layer.input is not model.inputs[0]:
            input_gradients += operations
    return OperationsCount(
        forward=forward, kernel_gradients=forward, input_gradients=input_gradients
    )
