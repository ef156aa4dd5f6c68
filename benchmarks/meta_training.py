"""Measures meta-training: time, operations, and where the time goes.

  bazel run //benchmarks:meta_training
  bazel run //benchmarks:meta_training -- --networks=cell_28 --repeats=15

It prints tables in Markdown. An outer iteration is 5 episodes of 8 inner iterations
(conv4 at 28x28: 5) with 10 images each; see `workloads.py`. All is measured in turn in
one process: our learner, the same in plain Keras, and a matrix product.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment  # noqa: F401

# isort: split
import dataclasses
import functools
import pathlib
import time

import keras
import numpy as np
from absl import app, flags

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.evaluators.candidate import (
    make_learner,
    make_model,
    parallel_episodes,
)
from autometa_tf.genomes.genome import read_genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.networks.conv4 import conv4_config
from benchmarks import phases
from benchmarks.operations_count import count_operations
from benchmarks.plain_keras import (
    PlainReptile,
    build_plain_conv4,
    build_plain_network,
)
from benchmarks.timing import MatrixProduct, time_interleaved
from benchmarks.workloads import Workload, make_workloads, noise_classes

_CELL = (
    pathlib.Path(__file__).parents[1] / "testdata" / "genomes" / "auto_meta_small.json"
)
_WORKLOADS = make_workloads(read_genome(_CELL))

NETWORKS = flags.DEFINE_multi_enum(
    "networks", list(_WORKLOADS), list(_WORKLOADS), "What to measure."
)
NUM_THREADS = flags.DEFINE_integer("num_threads", 1, "Of TensorFlow.")
REPEATS = flags.DEFINE_integer("repeats", 9, "Of each time; the table has the median.")
NUM_PARALLEL_EPISODES = flags.DEFINE_integer(
    "num_parallel_episodes",
    0,
    "Episodes side by side; 0: by the product's rule.",
)
PLAIN_KERAS = flags.DEFINE_bool("plain_keras", True, "Whether to measure that too.")

# A repeat is as many outer iterations as take so long.
_SECONDS_PER_REPEAT = 0.5

_COLUMNS = (
    "network",
    "side by side",
    "ms",
    "plain Keras, ms",
    "ratio",
    "GFLOP",
    "GFLOP/s",
    "of matrix product",
    "start, s",
    "plain Keras, s",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Measurement:
    """One network's times, in seconds; an outer iteration's unless it says otherwise.

    Attributes:
      num_parallel_episodes: E.
      ours: Of the product.
      plain: Of the yardstick; NaN when it was not measured.
      start: To build and trace the product's, and the first outer iteration.
      plain_start: Likewise.
      matrix_product: Floating-point operations per second.
      operations: Floating-point operations of an outer iteration.
      shares: Of the product's time, by phase.
    """

    num_parallel_episodes: int
    ours: float
    plain: float
    start: float
    plain_start: float
    matrix_product: float
    operations: int
    shares: dict[str, float]


def main(_):
    """Measures and prints."""
    use_devices(num_threads=NUM_THREADS.value, gpus=False)
    product = MatrixProduct(NUM_THREADS.value)
    measured = {}
    for name in NETWORKS.value:
        print(f"measuring {name}...", flush=True)
        measured[name] = _measure(_WORKLOADS[name], product)
        keras.backend.clear_session()
    print(f"\nMedians of {REPEATS.value} repeats, {NUM_THREADS.value} thread(s):\n")
    rows = [_row(_WORKLOADS[name].title, m) for name, m in measured.items()]
    print(_markdown(_COLUMNS, rows))
    print("\nWhere the time of ours goes:\n")
    rows = [
        [_WORKLOADS[name].title, *(f"{100 * m.shares[p]:.1f}%" for p in phases.PHASES)]
        for name, m in measured.items()
    ]
    print(_markdown(("network", *phases.PHASES), rows))
    rates = [m.matrix_product * 1e-9 for m in measured.values()]
    print(f"\nMatrix product: {min(rates):.0f} to {max(rates):.0f} GFLOP/s.")


def _measure(workload: Workload, product: MatrixProduct) -> _Measurement:
    images = noise_classes(
        workload.config.network.image_shape,
        num_classes=workload.num_classes,
        images_per_class=workload.images_per_class,
    )
    copies = NUM_PARALLEL_EPISODES.value or parallel_episodes(
        workload.config, baseline=workload.genome is None
    )
    started = time.perf_counter()
    learner = _make_learner(workload, images, copies)
    learner.run(1)
    start = time.perf_counter() - started
    learners = {"ours": learner}
    plain_start = float("nan")
    if PLAIN_KERAS.value:
        started = time.perf_counter()
        learners["plain"] = _make_plain(workload, images)
        learners["plain"].run(1)
        plain_start = time.perf_counter() - started
    counts = {name: _iterations_of_repeat(each) for name, each in learners.items()}
    runs = {
        name: functools.partial(each.run, counts[name])
        for name, each in learners.items()
    }
    seconds = time_interleaved({**runs, "product": product.run}, REPEATS.value)
    medians = {name: float(np.median(times)) for name, times in seconds.items()}
    return _Measurement(
        num_parallel_episodes=copies,
        ours=medians["ours"] / counts["ours"],
        plain=medians.get("plain", float("nan")) / counts.get("plain", 1),
        start=start,
        plain_start=plain_start,
        matrix_product=product.operations / medians["product"],
        operations=_operations(workload),
        shares=phases.measure_phases(runs["ours"]),
    )


def _make_learner(workload: Workload, images: ClassImages, copies: int):
    model = make_model(workload.genome, workload.config, copies)
    return make_learner(model, workload.config, images)


def _make_plain(workload: Workload, images: ClassImages) -> PlainReptile:
    config = workload.config
    sampler = EpisodeSampler(
        images,
        ways=config.episodes.ways,
        images_per_class=config.episodes.train_shots,
        seed=config.seed,
        split="train",
    )
    if workload.genome is None:
        network = conv4_config(config.network.image_shape, config.network.ways)
        model = build_plain_conv4(network)
    else:
        model = build_plain_network(workload.genome, config.network)
    return PlainReptile(model, sampler, config.reptile)


def _iterations_of_repeat(learner) -> int:
    start = time.perf_counter()
    learner.run(1)
    return max(1, round(_SECONDS_PER_REPEAT / (time.perf_counter() - start)))


def _operations(workload: Workload) -> int:
    reptile = workload.config.reptile
    images = (
        reptile.meta_batch_size * reptile.inner_iterations * reptile.inner_batch_size
    )
    model = make_model(workload.genome, workload.config, 1, batch_last=False).model
    return images * count_operations(model).training


def _row(title: str, m: _Measurement) -> list[str]:
    rate = m.operations / m.ours
    return [
        title,
        str(m.num_parallel_episodes),
        f"{1000 * m.ours:.0f}",
        f"{1000 * m.plain:.0f}",
        f"{m.plain / m.ours:.2f}",
        f"{m.operations * 1e-9:.2f}",
        f"{rate * 1e-9:.0f}",
        f"{100 * rate / m.matrix_product:.0f}%",
        f"{m.start:.1f}",
        f"{m.plain_start:.1f}",
    ]


def _markdown(columns, rows) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    app.run(main)
