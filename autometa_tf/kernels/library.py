"""The compiled kernels: which of them this process uses, if any."""

import ctypes
import dataclasses
import functools
import os
import pathlib

KERNEL_SETS = ("avx512", "avx2", "base")
_LIBRARY = pathlib.Path(__file__).with_name("libautometa_kernels.so")


@dataclasses.dataclass(frozen=True)
class Kernels:
    """What computes the networks of this process.

    Attributes:
      path: The instruction set of the kernels, one of `KERNEL_SETS`; "off" where
        networks are made of TensorFlow's own operations.
      reason: Why they are off; "" where they are not.
      module: The raw operations; None where they are off.
    """

    path: str
    reason: str = ""
    module: object = None

    def describe(self) -> str:
        """What runs, in words."""
        if self.module:
            return f"kernels for few channels ({self.path})"
        return f"TensorFlow's own operations ({self.reason})"


@functools.cache
def load_kernels() -> Kernels:
    """Loads the kernels, once a process.

    The environment variable `AUTOMETA_KERNELS` chooses among `KERNEL_SETS`, or turns
    them "off". Where it is unset, the best one runs that this CPU has.

    Raises:
      ValueError: What the variable asks for is unknown or cannot run here.
    """
    wanted = os.environ.get("AUTOMETA_KERNELS", "")
    allowed = (*KERNEL_SETS, "off")
    if wanted and wanted not in allowed:
        raise ValueError(
            f"`AUTOMETA_KERNELS` must be one of {', '.join(allowed)}, or unset for the "
            f"best. Received: {wanted!r}."
        )
    kernels = _load(wanted)
    if wanted not in ("", kernels.path):
        raise ValueError(
            f"`AUTOMETA_KERNELS` must name kernels that run here: {kernels.reason}. "
            f"Received: {wanted!r}."
        )
    return kernels


def kernel_path() -> str:
    """The instruction set of the kernels in use, or "off"."""
    return load_kernels().path


def _load(wanted: str) -> Kernels:
    if wanted == "off":
        return Kernels("off", "AUTOMETA_KERNELS is off")
    if not _LIBRARY.exists() or not _LIBRARY.stat().st_size:
        return Kernels("off", "no C++ compiler has built the kernels")
    import tensorflow as tf  # Here, since files without TensorFlow ask for the path.

    if tf.config.get_visible_devices("GPU"):
        return Kernels("off", "this process computes on a GPU")
    try:
        module = tf.load_op_library(str(_LIBRARY))
    except (tf.errors.OpError, OSError) as error:
        return Kernels("off", f"the kernels do not load: {str(error).splitlines()[0]}")
    choose = ctypes.CDLL(str(_LIBRARY)).autometa_choose_kernels
    choose.restype, choose.argtypes = ctypes.c_char_p, [ctypes.c_char_p]
    path = choose(wanted.encode())
    if path is None:
        return Kernels("off", f"this CPU has no {wanted} instructions")
    return Kernels(path.decode(), module=module)
