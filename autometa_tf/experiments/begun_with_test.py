import sys
import time
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.experiments import begun_with


class BegunWithTest(absltest.TestCase):
    def test_a_run_tells_the_command_that_began_it(self):
        argv = ["/somewhere/bin/search.py", "--dataset=glyphs", "--run_dir=my run"]
        with mock.patch.object(sys, "argv", argv):
            begun = begun_with.begun_with()
        expected = "bazel run //bin:search -- --dataset=glyphs '--run_dir=my run'"
        self.assertEqual(begun["command"], expected)
        self.assertEqual(begun["versions"]["numpy"], np.__version__)

    def test_a_clock_that_is_set_does_not_change_how_long_it_runs(self):
        before = begun_with.seconds_running()
        with mock.patch.object(time, "time", return_value=0.0):
            self.assertBetween(begun_with.seconds_running() - before, 0, 60)


if __name__ == "__main__":
    absltest.main()
