"""What figures were measured with, so that none stands without its machine."""

import os

from autometa_tf.candidates.describe_sitting import describe_sitting
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.kernels.library import load_kernels
from autometa_tf.learners.devices import gpu_available, grouped_gradients_available
from autometa_tf.machine import usable_cores
from autometa_tf.networks.network_kinds import Cell
from benchmarks.workloads import candidate_config


def describe_machine() -> str:
    """Processor, kernels, oneDNN and versions, in one paragraph of Markdown."""
    any_cell = Cell(one_block_genomes()[0])
    sitting = describe_sitting(candidate_config((28, 28, 1)), any_cell)
    usable = "" if gpu_available() else f", {usable_cores()} core(s) usable"
    return (
        f"On {sitting.processor}{usable}; {_networks()}; {_onednn()}; TensorFlow "
        f"{sitting.tensorflow}."
    )


def _networks() -> str:
    kernels = load_kernels()
    if kernels.path == "off":
        return f"our kernels are off: {kernels.reason}"
    return f"our kernels: {kernels.path}"


def _onednn() -> str:
    if gpu_available():
        return "XLA compiles our inner loop, not plain Keras's"
    if not grouped_gradients_available():  # Only oneDNN has those on a CPU.
        return "oneDNN off"
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA")
    return f"oneDNN on, limited to {limit}" if limit else "oneDNN on"
