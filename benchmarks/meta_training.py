"""Measures meta-training: time, operations, and where the time goes.

  bazel run //benchmarks:meta_training
  bazel run //benchmarks:meta_training -- --networks=cell_28 --repeats=15

It prints tables in Markdown. An outer iteration is 5 episodes of 8 inner iterations
(conv4 at 28x28: 5) with 10 images each; see `workloads.py`. All is measured in turn in
one process: our learner on kernels for few channels and on TensorFlow's operations, the
same in plain Keras, and a matrix product.

Where there is a GPU it computes there, without kernels, one episode at a time and our
inner loop compiled by XLA, as a search does; `--nogpus` measures such a machine's CPU.
"""

# Before all that imports TensorFlow, which then finds oneDNN switched on.
from autometa_tf import tensorflow_environment  # noqa: F401

# isort: split
import dataclasses
import pathlib

import keras
from absl import app, flags

from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.genomes.genome import read_genome
from autometa_tf.learners.devices import use_devices
from benchmarks.machine import describe_machine
from benchmarks.measurement import measure
from benchmarks.meta_training_report import report
from benchmarks.timing import MatrixProduct
from benchmarks.workloads import make_workloads

_CELL = (
    pathlib.Path(__file__).parents[1] / "testdata" / "genomes" / "auto_meta_small.json"
)
_WORKLOADS = make_workloads(read_genome(_CELL))

NETWORKS = flags.DEFINE_multi_enum(
    "networks", list(_WORKLOADS), list(_WORKLOADS), "What to measure."
)
NUM_THREADS = flags.DEFINE_integer("num_threads", 1, "Of TensorFlow.")
REPEATS = flags.DEFINE_integer("repeats", 9, "Of each time; tables have the median.")
NUM_PARALLEL_EPISODES = flags.DEFINE_integer(
    "num_parallel_episodes",
    None,
    "Episodes side by side. Default: by the product's rule.",
)
PLAIN_KERAS = flags.DEFINE_bool("plain_keras", True, "Whether to measure that too.")
GPUS = flags.DEFINE_bool("gpus", True, "Whether to compute on GPUs, if there are any.")


def main(_):
    """Measures and prints."""
    use_devices(num_threads=NUM_THREADS.value, gpus=GPUS.value)
    product = MatrixProduct(NUM_THREADS.value)
    measured = []
    for name in NETWORKS.value:
        print(f"measuring {name}...", flush=True)
        workload = _WORKLOADS[name]
        config = dataclasses.replace(
            workload.config,
            computation=ComputationConfig(
                num_parallel_episodes=NUM_PARALLEL_EPISODES.value
            ),
        )
        measured.append(
            measure(
                dataclasses.replace(workload, config=config),
                product,
                num_repeats=REPEATS.value,
                plain_keras=PLAIN_KERAS.value,
            )
        )
        keras.backend.clear_session()
    print(
        f"\n{describe_machine()} {NUM_THREADS.value} thread(s), {REPEATS.value} "
        f"repeats.\n\n{report(measured)}"
    )


if __name__ == "__main__":
    app.run(main)
