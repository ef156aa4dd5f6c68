"""Which of our kernels this process computes with: the one place that asks for them."""


def kernel_path() -> str:
    """The instruction set of our kernels, "off" where TensorFlow's operations serve."""
    return "off"
