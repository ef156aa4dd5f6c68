"""Both columns of the table compute the same, else it would compare nothing."""

from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.testing.grouped_gradients import skip_without_grouped_gradients
from autometa_tf.testing.kernel_checks import batch_last, require_kernels
from benchmarks import kernel_workloads
from benchmarks.kernel_workloads import (
    Convolution,
    Pass,
    Side,
    convolution_passes,
    normalization_passes,
    pooling_passes,
)

_SIDE = Side(copies=2, batch=3)


class KernelWorkloadsTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(mock.patch.object(kernel_workloads, "_LONGEST_CHAIN", 2))

    def test_a_pass_computes_as_often_as_it_says(self):
        count = tf.Variable(0)
        each = Pass(lambda: count.assign_add(1), 7)
        count.assign(0)
        each.run()
        self.assertEqual(count.numpy(), 7)

    def test_operations_are_two_for_each_product(self):
        convolution = Convolution(7, 3, 4, (1, 5), 2)
        self.assertEqual(convolution.operations(_SIDE), 2 * 2 * 3 * 4 * 4 * 4 * 3 * 5)

    @parameterized.parameters((1, (3, 3)), (2, (3, 3)), (1, (1, 5)))
    def test_convolutions(self, stride, kernel_size):
        require_kernels()
        skip_without_grouped_gradients()
        passes = convolution_passes(Convolution(7, 3, 4, kernel_size, stride), _SIDE)
        found = {name: each.compute() for name, each in passes.items()}
        dx, dw = found["kernels, both gradients"]
        self._check(batch_last(found["oneDNN, forward"]), found["kernels, forward"])
        self._check(batch_last(found["oneDNN, input gradient"]), dx)
        self._check(found["oneDNN, kernel gradient"], dw)
        self._check(found["oneDNN, kernel gradient"], found["kernels, kernel gradient"])

    def test_normalisation_adds_to_its_convolution(self):
        require_kernels()
        passes = normalization_passes(7, 4, _SIDE)
        y, z, *_ = passes["kernels, forward"].compute()
        self._check(passes["convolution, forward"].compute(), z)
        self._check(np.mean(y, (1, 2, 3)), np.zeros(8))
        theirs = passes["TensorFlow, forward"].compute()
        self._check(np.mean(theirs, (0, 1, 2)), np.zeros(8))

    @parameterized.product(kind=["max", "average"], stride=[1, 2])
    def test_pooling(self, kind, stride):
        require_kernels()
        passes = pooling_passes(7, 4, _SIDE, kind=kind, stride=stride)
        theirs = passes["TensorFlow, with gradient"].compute()
        for name, each in zip(("forward", "gradient"), theirs, strict=True):
            self._check(batch_last(each), passes[f"kernels, {name}"].compute())

    def _check(self, expected, found):
        self.assertAllClose(expected, found, rtol=1e-4, atol=1e-4)


if __name__ == "__main__":
    absltest.main()
