import os
import resource
import sys
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.machine import peak_memory_bytes, usable_cores


class UsableCoresTest(absltest.TestCase):
    def test_where_processes_are_bound_to_cores_these_count(self):
        with mock.patch.object(
            os, "sched_getaffinity", return_value={0, 2, 5}, create=True
        ):
            self.assertEqual(usable_cores(), 3)

    def test_where_processes_are_not_bound_all_cores_count(self):
        with (
            mock.patch.object(os, "sched_getaffinity", create=True),
            mock.patch.object(os, "cpu_count", return_value=8),
        ):
            del os.sched_getaffinity
            self.assertEqual(usable_cores(), 8)

    def test_there_is_always_one(self):
        with (
            mock.patch.object(os, "sched_getaffinity", create=True),
            mock.patch.object(os, "cpu_count", return_value=None),
        ):
            del os.sched_getaffinity
            self.assertEqual(usable_cores(), 1)


class PeakMemoryTest(absltest.TestCase):
    def test_it_is_in_bytes_whatever_the_system_counts_in(self):
        used = mock.Mock(ru_maxrss=5_000)
        with mock.patch.object(resource, "getrusage", return_value=used):
            with mock.patch.object(sys, "platform", "linux"):
                self.assertEqual(peak_memory_bytes(), 5_000 * 1024)
            with mock.patch.object(sys, "platform", "darwin"):
                self.assertEqual(peak_memory_bytes(), 5_000)

    def test_it_holds_what_has_been_used(self):
        used = np.ones([30_000_000]).nbytes
        self.assertGreater(peak_memory_bytes(), used)


if __name__ == "__main__":
    absltest.main()
