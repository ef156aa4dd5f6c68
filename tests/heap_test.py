"""No convolution writes beyond its memory, with any number of filters at 84x84.

TensorFlow's oneDNN kernel for strided 1x1 convolutions of few channels on large images
does; glibc notices with MALLOC_CHECK_=3, in a process of its own. For other numbers:

  MALLOC_CHECK_=3 LD_PRELOAD=libc_malloc_debug.so.0 python tests/heap_test.py 4 5 6
"""

import os
import subprocess
import sys

from absl.testing import absltest


def make_steps(num_filters: int):
    """Makes two inner steps with a network of every operation, adapter and stride."""
    import tensorflow as tf

    from autometa_tf.genomes.genome import Block, Genome
    from autometa_tf.genomes.operation import OPERATIONS
    from autometa_tf.learners.parallel_model import ParallelModel
    from autometa_tf.networks.network import build_network
    from autometa_tf.networks.network_config import NetworkConfig, Task
    from autometa_tf.networks.network_kinds import Cell

    blocks = tuple(Block(0, name, 1, name) for name in OPERATIONS)
    config = NetworkConfig(num_filters=num_filters, stem_stride=1)
    task = Task(image_shape=(84, 84, 3), ways=5)
    model = ParallelModel(build_network(Cell(Genome(blocks)), config, task))
    weights = tf.constant(model.initial_weights())
    images = tf.random.stateless_uniform([10, 84, 84, 3], [0, 1])
    labels = tf.zeros([10, 1], tf.int32)
    step = tf.function(model.loss_and_gradient, autograph=False)
    for _ in range(2):
        losses, gradient = step(weights, images, labels)
        weights -= 0.01 * gradient
    assert bool(tf.reduce_all(tf.math.is_finite(losses))), losses


class HeapTest(absltest.TestCase):
    def test_the_heap_stays_whole(self):
        environment = os.environ | {
            "MALLOC_CHECK_": "3",
            "LD_PRELOAD": "libc_malloc_debug.so.0",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        filters = ["8", "10", "12"]  # Strided 1x1 convolutions break it with these.
        done = subprocess.run(
            [sys.executable, __file__, *filters],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertEqual(done.stdout.split(), filters)


if __name__ == "__main__":
    if sys.argv[1:] and all(argument.isdigit() for argument in sys.argv[1:]):
        for argument in sys.argv[1:]:
            make_steps(int(argument))
            print(argument, flush=True)
    else:
        absltest.main()
