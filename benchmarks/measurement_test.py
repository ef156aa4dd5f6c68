"""What is measured where; no test here asserts a time."""

import contextlib
import dataclasses
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.candidates import candidate
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.kernels.library import kernel_path
from autometa_tf.networks.network_kinds import Cell, Conv4
from benchmarks import measurement
from benchmarks.measurement import CHANNELS_LAST, KERNELS, PLAIN_KERAS, measure
from benchmarks.timing import MatrixProduct
from benchmarks.workloads import Workload, candidate_config

_CELL = Cell(Genome((Block(0, "conv3x3", 1, "max_pool3x3"),)))


def _workload(network=Conv4(), **computation):
    config = candidate_config((9, 9, 1), inner_iterations=2)
    return Workload(
        name="tiny",
        title="tiny",
        network=network,
        config=dataclasses.replace(
            config, computation=ComputationConfig(**computation)
        ),
        num_classes=6,
        images_per_class=12,
    )


@contextlib.contextmanager
def _process(*, kernels="off", gpu=False):
    """As if this process had these kernels, or computed on a GPU."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            mock.patch.object(measurement, "operations_at_once", lambda: 1)
        )
        for module in (measurement, candidate):
            stack.enter_context(
                mock.patch.multiple(
                    module,
                    kernel_path=lambda: kernels,
                    gpu_available=lambda: gpu,
                )
            )
        yield


class MeasurementTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = MatrixProduct()
        cls.enterClassContext(
            mock.patch.object(measurement, "_SECONDS_PER_REPEAT", 0.0)
        )

    def _measure(self, workload, **options):
        return measure(workload, self.product, num_repeats=1, **options)

    def test_all_paths_in_one_process(self):
        if kernel_path() == "off":
            self.skipTest("no kernels run here")
        found = self._measure(_workload(_CELL))
        self.assertEqual(list(found.seconds), [KERNELS, CHANNELS_LAST, PLAIN_KERAS])
        self.assertEqual(list(found.starts), [KERNELS, CHANNELS_LAST, PLAIN_KERAS])
        self.assertEqual(list(found.shares), [KERNELS, CHANNELS_LAST])
        for shares in found.shares.values():
            self.assertAlmostEqual(sum(shares.values()), 1, places=6)

    def test_without_kernels_the_others_are_measured(self):
        with _process():
            found = self._measure(_workload(num_parallel_episodes=1))
        self.assertEqual(list(found.seconds), [CHANNELS_LAST, PLAIN_KERAS])
        self.assertEqual(found.num_parallel_episodes, {CHANNELS_LAST: 1})
        self.assertFalse(np.isnan(found.seconds[CHANNELS_LAST]).any())

    def test_plain_keras_can_be_left_out(self):
        with _process():
            found = self._measure(_workload(num_parallel_episodes=1), plain_keras=False)
        self.assertEqual(list(found.seconds), [CHANNELS_LAST])

    def test_as_on_a_gpu(self):
        # XLA compiles the inner loop, here for the CPU; the CPU's time says nothing.
        with _process(gpu=True):
            found = self._measure(_workload())
        self.assertEqual(found.num_parallel_episodes, {CHANNELS_LAST: 1})
        self.assertEqual(found.shares, {})
        for seconds in (*found.seconds.values(), found.product_rate):
            self.assertGreater(seconds[0], 0)
            self.assertTrue(np.isnan(seconds[1]))

    def test_operations_are_those_of_the_meta_batch(self):
        with _process():
            one = self._measure(_workload(num_parallel_episodes=1), plain_keras=False)
        config = candidate_config((9, 9, 1), inner_iterations=2)
        images = 5 * 2 * config.reptile.inner_batch_size
        first = 5 * 5 * 9 * 64
        others = (3 * 3 + 2 * 2 + 1) * 9 * 64 * 64 + 64 * 5
        self.assertEqual(one.operations, images * (4 * first + 6 * others))


if __name__ == "__main__":
    absltest.main()
