"""Measures meta-training of one network: our two layouts and plain Keras, in turn."""

import dataclasses
import functools

import numpy as np

from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    parallel_episodes,
)
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.kernels.library import kernel_path
from autometa_tf.learners.devices import gpu_available, operations_at_once
from benchmarks import phases
from benchmarks.operations_count import count_operations
from benchmarks.plain_keras import PlainReptile, build_plain
from benchmarks.timing import MatrixProduct, read_clocks, time_interleaved
from benchmarks.workloads import Workload, noise_classes

KERNELS = "kernels"
CHANNELS_LAST = "channels last"
PLAIN_KERAS = "plain Keras"
PATHS = (KERNELS, CHANNELS_LAST, PLAIN_KERAS)

_PRODUCT = "product"

# A repeat is as many outer iterations as take so long.
_SECONDS_PER_REPEAT = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured of one network; seconds and rates by both clocks, `[2]`.

    The CPU's clock is not a number where it cannot be compared with the wall's: with
    several threads, and on a GPU.

    Attributes:
      title: Of the network.
      num_parallel_episodes: Side by side, of those paths that have it.
      seconds: An outer iteration by path, medians. Paths not measured are not in it.
      starts: Building, tracing and the first outer iteration.
      operations: Floating-point operations of an outer iteration.
      product_rate: Floating-point operations per second of the matrix product.
      shares: Of our paths' times, by phase; empty where XLA has joined operations.
    """

    title: str
    num_parallel_episodes: dict[str, int]
    seconds: dict[str, np.ndarray]
    starts: dict[str, np.ndarray]
    operations: int
    product_rate: np.ndarray
    shares: dict[str, dict[str, float]]


def measure(
    workload: Workload,
    product: MatrixProduct,
    *,
    num_repeats: int,
    plain_keras: bool = True,
) -> Measurement:
    """Measures what this process can compute of `PATHS`, and the matrix product.

    Args:
      workload: The network and its settings.
      product: With as many threads.
      num_repeats: Of everything, in turn.
      plain_keras: Whether to measure that too.
    """
    images = noise_classes(
        workload.config.image_shape,
        num_classes=workload.num_classes,
        images_per_class=workload.images_per_class,
    )
    copies = _parallel_episodes(workload)
    learners, starts = {}, {}
    for path in (*copies, PLAIN_KERAS) if plain_keras else copies:
        begin = read_clocks()
        learners[path] = _make(path, workload, images, copies)
        learners[path].run(1)
        starts[path] = _comparable(read_clocks() - begin)
    counts = {path: _iterations_of_repeat(each) for path, each in learners.items()}
    runs = {
        path: functools.partial(each.run, counts[path])
        for path, each in learners.items()
    }
    times = time_interleaved({**runs, _PRODUCT: product.run}, num_repeats)
    medians = {name: _comparable(np.median(t, axis=1)) for name, t in times.items()}
    return Measurement(
        title=workload.title,
        num_parallel_episodes=copies,
        seconds={path: medians[path] / count for path, count in counts.items()},
        starts=starts,
        operations=_operations(workload),
        product_rate=product.operations / medians[_PRODUCT],
        # A GPU's trace has kernels that XLA made, each of several operations.
        shares={}
        if gpu_available()
        else {path: phases.measure_phases(runs[path]) for path in copies},
    )


def _parallel_episodes(workload: Workload) -> dict[str, int]:
    """E of those layouts that run here."""
    paths = {CHANNELS_LAST: False}
    if kernel_path() != "off":
        paths = {KERNELS: True} | paths
    return {
        path: parallel_episodes(
            workload.config, workload.network, batch_last=batch_last
        )
        for path, batch_last in paths.items()
    }


def _make(path: str, workload: Workload, images: ClassImages, copies: dict[str, int]):
    """The learner of a path, which has `run`."""
    if path == PLAIN_KERAS:
        return _make_plain(workload, images)
    model = make_model(
        workload.network,
        workload.config,
        copies[path],
        batch_last=path == KERNELS,
    )
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
    model = build_plain(workload.network, config.network, config.task)
    return PlainReptile(model, sampler, config.reptile)


def _comparable(by_clock: np.ndarray) -> np.ndarray:
    """The same, without the CPU's clock where that says nothing beside the wall's."""
    wall, cpu = by_clock
    if operations_at_once() > 1 or gpu_available():
        cpu = np.nan
    return np.array([wall, cpu])


def _iterations_of_repeat(learner) -> int:
    start = read_clocks()
    learner.run(1)
    seconds = (read_clocks() - start)[0]
    return max(1, round(_SECONDS_PER_REPEAT / seconds))


def _operations(workload: Workload) -> int:
    reptile = workload.config.reptile
    images = (
        reptile.meta_batch_size * reptile.inner_iterations * reptile.inner_batch_size
    )
    model = make_model(workload.network, workload.config, 1, batch_last=False).model
    return images * count_operations(model).training
