"""Rates of our kernels, operation by operation, beside TensorFlow's.

  bazel run //benchmarks:kernels
  bazel run //benchmarks:kernels -- --num_parallel_episodes=1 --batch=5

It prints tables in Markdown. Each operation runs in a loop of its own, so that its data
lie in the cache; all take turns, and figures are medians of CPU time of one thread.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment  # noqa: F401

# isort: split
from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf
from absl import app, flags

from autometa_tf.kernels.library import load_kernels
from autometa_tf.learners.devices import grouped_gradients_available, use_devices
from benchmarks.kernel_workloads import (
    Convolution,
    Pass,
    Side,
    convolution_passes,
    normalization_passes,
    pooling_passes,
)
from benchmarks.machine import describe_machine
from benchmarks.markdown import markdown_table
from benchmarks.timing import MatrixProduct, time_interleaved

NUM_PARALLEL_EPISODES = flags.DEFINE_integer("num_parallel_episodes", 5, "E.")
BATCH = flags.DEFINE_integer("batch", 10, "Images of a batch.")
REPEATS = flags.DEFINE_integer("repeats", 5, "Of each time; tables have the median.")

# (H, channels read, channels made, kernel, stride): those of the paper's cell at 28x28,
# then at 84x84, then convolutions of many channels, which oneDNN is made for.
_SHAPES = (
    (28, 1, 10, (3, 3), 1),
    (28, 10, 10, (1, 1), 1),
    (28, 10, 10, (3, 3), 2),
    (14, 10, 10, (3, 3), 1),
    (14, 10, 10, (1, 5), 1),
    (14, 10, 10, (5, 1), 1),
    (14, 30, 10, (1, 1), 1),
    (14, 10, 10, (3, 3), 2),
    (7, 10, 10, (3, 3), 1),
    (7, 10, 10, (1, 5), 1),
    (7, 10, 10, (5, 1), 1),
    (4, 10, 10, (3, 3), 1),
    (84, 3, 10, (3, 3), 2),
    (42, 10, 10, (3, 3), 2),
    (21, 10, 10, (3, 3), 1),
    (6, 10, 10, (3, 3), 1),
    (14, 16, 16, (3, 3), 1),
    (14, 32, 32, (3, 3), 1),
    (14, 64, 64, (3, 3), 2),
    (42, 32, 32, (3, 3), 1),
)
_CONVOLUTIONS = (
    "GFLOP/s of convolutions: forward / input gradient / kernel gradient. Our kernels "
    "make both gradients at once, or the kernel's alone: the input's is the "
    "difference, without the work that both share, and so can seem faster than a "
    "matrix product."
)
_MAPS_NOTE = (
    "Microseconds: forward / gradient. A normalisation of ours is what it adds to a "
    "1x1 convolution; a gradient of TensorFlow's is what it adds to forward."
)
_CONVOLUTION_COLUMNS = (
    "H, channels, kernel, stride",
    "oneDNN",
    "kernels",
    "all three, µs: oneDNN",
    "kernels",
    "ratio",
)
_MAP_COLUMNS = ("H, channels", "operation", "TensorFlow", "kernels")
_MAPS = ((28, 10), (14, 10), (7, 10), (21, 10))  # (H, C) for the second.


def main(_):
    """Measures and prints."""
    use_devices(num_threads=1, gpus=False)
    kernels = load_kernels()
    if kernels.path == "off":
        raise SystemExit(f"There are no kernels to measure: {kernels.reason}.")
    if not grouped_gradients_available():
        raise SystemExit("oneDNN must be on (TF_ENABLE_ONEDNN_OPTS=1).")
    # What chains of equal operations compute is of no use, and must not be optimised
    # away; oneDNN's operations are chosen afterwards all the same.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    side = Side(NUM_PARALLEL_EPISODES.value, BATCH.value)
    product = MatrixProduct()
    rates, rows = [], []
    for shape in _SHAPES:
        convolution = Convolution(*shape)
        passes = convolution_passes(convolution, side)
        seconds = _time(passes | {"product": product})
        rates.append(product.operations / seconds["product"])
        rows.append(_convolution_row(convolution, side, seconds))
    rate = np.median(rates) * 1e-9
    print(
        f"{describe_machine()} E = {side.copies}, batch {side.batch}, {REPEATS.value} "
        f"repeats; matrix product {rate:.0f} GFLOP/s.\n\n{_CONVOLUTIONS}\n"
    )
    print(markdown_table(_CONVOLUTION_COLUMNS, rows))
    print(f"\n{_MAPS_NOTE}\n")
    print(markdown_table(_MAP_COLUMNS, _map_rows(side)))


def _time(passes: Mapping[str, Pass | MatrixProduct]) -> dict[str, float]:
    """Median CPU seconds of one execution of each."""
    runs = {name: each.run for name, each in passes.items()}
    times = time_interleaved(runs, REPEATS.value)
    return {
        name: float(np.median(cpu)) / getattr(passes[name], "length", 1)
        for name, (_, cpu) in times.items()
    }


def _convolution_row(
    convolution: Convolution, side: Side, seconds: dict[str, float]
) -> list[str]:
    theirs = [
        seconds[f"oneDNN, {name}"]
        for name in ("forward", "input gradient", "kernel gradient")
    ]
    ours = [
        seconds["kernels, forward"],
        seconds["kernels, both gradients"] - seconds["kernels, kernel gradient"],
        seconds["kernels, kernel gradient"],
    ]
    operations = convolution.operations(side)
    return [
        convolution.title,
        *(
            " / ".join(f"{operations / each * 1e-9:.0f}" for each in three)
            for three in (theirs, ours)
        ),
        *(f"{1e6 * sum(three):.0f}" for three in (theirs, ours)),
        f"{sum(theirs) / sum(ours):.2f}",
    ]


def _map_rows(side: Side) -> Iterator[list[str]]:
    for size, channels in _MAPS:
        what = f"{size}, {channels}"
        s = _time(normalization_passes(size, channels, side))
        ours = _microseconds(
            s["kernels, forward"] - s["convolution, forward"],
            s["kernels, gradient"] - s["convolution, gradient"],
        )
        yield [what, "normalisation", _theirs(s), ours]
        for kind, stride in (("max", 1), ("max", 2), ("average", 1)):
            s = _time(pooling_passes(size, channels, side, kind=kind, stride=stride))
            ours = _microseconds(s["kernels, forward"], s["kernels, gradient"])
            name = f"{kind} pooling 3x3, stride {stride}"
            yield [what, name, _theirs(s), ours]


def _theirs(seconds: dict[str, float]) -> str:
    forward, both = (
        seconds[f"TensorFlow, {name}"] for name in ("forward", "with gradient")
    )
    return _microseconds(forward, both - forward)


def _microseconds(forward: float, gradient: float) -> str:
    return f"{1e6 * forward:.0f} / {1e6 * gradient:.0f}"


if __name__ == "__main__":
    app.run(main)
