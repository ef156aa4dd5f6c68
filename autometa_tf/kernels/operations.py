"""Convolution, normalisation and pooling for few channels, batch last.

Letters: `E` copies of a network side by side, `B` batch, `H, W` height and width, `C`
channels of one copy. Activations are float32 `[E*C, H, W, B]`. There are first-order
gradients only. All need `load_kernels` to have found kernels.
"""

import tensorflow as tf

from autometa_tf.kernels.library import load_kernels


def convolve(
    x: tf.Tensor,
    kernel: tf.Tensor,
    *,
    stride: int = 1,
    rectify: bool = False,
    needs_input_gradient: bool = True,
) -> tf.Tensor:
    """Each copy's convolution, padding "same".

    Args:
      x: `[E*C, H, W, B]`.
      kernel: `[k_h, k_w, C, E*F]`; copy e owns filters `[e*F, (e+1)*F)`.
      stride: The stride of both axes.
      rectify: Whether it convolves `max(x, 0)`.
      needs_input_gradient: False where nobody asks for the gradient of `x`.

    Returns:
      `[E*F, ceil(H/stride), ceil(W/stride), B]`.
    """
    y = load_kernels().module.autometa_convolve(
        x=x,
        w=kernel,
        stride=stride,
        rectify=rectify,
        needs_input_gradient=needs_input_gradient,
    )
    y.set_shape([kernel.shape[3], *_strided(x.shape, stride), x.shape[3]])
    return y


@tf.RegisterGradient("AutometaConvolve")
def _convolve_gradient(
    op: tf.Operation, dy: tf.Tensor
) -> tuple[tf.Tensor | None, tf.Tensor]:
    x, kernel = op.inputs
    needs_dx = op.get_attr("needs_input_gradient")
    gradient = load_kernels().module.autometa_convolve_gradient(
        x=x,
        w=kernel,
        dy=dy,
        stride=op.get_attr("stride"),
        rectify=op.get_attr("rectify"),
        needs_input_gradient=needs_dx,
    )
    gradient.dw.set_shape(kernel.shape)
    if not needs_dx:
        return None, gradient.dw
    gradient.dx.set_shape(x.shape)
    return gradient.dx, gradient.dw


def convolve_normalize(
    x: tf.Tensor,
    kernel: tf.Tensor,
    gamma: tf.Tensor,
    beta: tf.Tensor,
    *,
    stride: int = 1,
    rectify: bool = False,
    needs_input_gradient: bool = True,
    epsilon: float,
) -> tf.Tensor:
    """`convolve`, and batch normalisation with the statistics of the batch.

    Args:
      x: `[E*C, H, W, B]`.
      kernel: `[k_h, k_w, C, E*F]`.
      gamma: `[E*F]`.
      beta: `[E*F]`.
      stride: The stride of both axes.
      rectify: Whether it convolves `max(x, 0)`.
      needs_input_gradient: False where nobody asks for the gradient of `x`.
      epsilon: The number that is added to the variance.

    Returns:
      `[E*F, ceil(H/stride), ceil(W/stride), B]`.
    """
    result = load_kernels().module.autometa_convolve_normalize(
        x=x,
        w=kernel,
        gamma=gamma,
        beta=beta,
        stride=stride,
        rectify=rectify,
        needs_input_gradient=needs_input_gradient,
        epsilon=epsilon,
    )
    shape = [kernel.shape[3], *_strided(x.shape, stride), x.shape[3]]
    result.y.set_shape(shape)
    result.z.set_shape(shape)
    return result.y


@tf.RegisterGradient("AutometaConvolveNormalize")
def _convolve_normalize_gradient(
    op: tf.Operation, dy: tf.Tensor, *_: tf.Tensor
) -> tuple[tf.Tensor | None, tf.Tensor, tf.Tensor, tf.Tensor]:
    x, kernel, gamma, _ = op.inputs
    _, z, mean, inverse_deviation = op.outputs
    needs_dx = op.get_attr("needs_input_gradient")
    gradient = load_kernels().module.autometa_convolve_normalize_gradient(
        x=x,
        w=kernel,
        z=z,
        gamma=gamma,
        mean=mean,
        inverse_deviation=inverse_deviation,
        dy=dy,
        stride=op.get_attr("stride"),
        rectify=op.get_attr("rectify"),
        needs_input_gradient=needs_dx,
    )
    gradient.dw.set_shape(kernel.shape)
    gradient.dgamma.set_shape(gamma.shape)
    gradient.dbeta.set_shape(gamma.shape)
    if needs_dx:
        gradient.dx.set_shape(x.shape)
    dx = gradient.dx if needs_dx else None
    return dx, gradient.dw, gradient.dgamma, gradient.dbeta


def max_pool(x: tf.Tensor, *, size: int, stride: int) -> tf.Tensor:
    """The maximum of each window, padding "same".

    Of equal maxima the first, row by row, receives the gradient, as TensorFlow has it.

    Args:
      x: `[E*C, H, W, B]`.
      size: The side of the window, in pixels.
      stride: The stride of both axes.

    Returns:
      `[E*C, ceil(H/stride), ceil(W/stride), B]`.
    """
    return _pool(x, size, stride, True)


def average_pool(x: tf.Tensor, *, size: int, stride: int) -> tf.Tensor:
    """The average of each window's pixels, padding not counted; as `max_pool`."""
    return _pool(x, size, stride, False)


def _pool(x: tf.Tensor, size: int, stride: int, is_maximum: bool) -> tf.Tensor:
    y = load_kernels().module.autometa_pool(
        x=x, size=size, stride=stride, is_maximum=is_maximum
    )
    y.set_shape([x.shape[0], *_strided(x.shape, stride), x.shape[3]])
    return y


@tf.RegisterGradient("AutometaPool")
def _pool_gradient(op: tf.Operation, dy: tf.Tensor) -> tf.Tensor:
    (x,) = op.inputs
    attributes = {name: op.get_attr(name) for name in ("size", "stride", "is_maximum")}
    dx = load_kernels().module.autometa_pool_gradient(
        x=x, y=op.outputs[0], dy=dy, **attributes
    )
    dx.set_shape(x.shape)
    return dx


def gather_images(images: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Gathers images of E episodes, batch last.

    Args:
      images: uint8 `[n, H, W, C]`.
      rows: int32 `[B, E]`, numbers of images.

    Returns:
      float32 `[E*C, H, W, B]` in [0, 1].
    """
    y = load_kernels().module.autometa_gather_images(images=images, rows=rows)
    _, height, width, channels = images.shape
    y.set_shape([rows.shape[1] * channels, height, width, rows.shape[0]])
    return y


def _strided(shape: tf.TensorShape, stride: int) -> list[int]:
    return [-(-shape[axis] // stride) for axis in (1, 2)]
