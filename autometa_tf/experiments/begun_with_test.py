import sys
import time
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.experiments import begun_with


class BegunWithTest(absltest.TestCase):
    def test_a_run_tells_what_it_was_begun_with(self):
        with mock.patch.object(sys, "argv", ["autometa search", "--seed=3"]):
            begun = begun_with.begun_with()
        self.assertEqual(begun["command"], "autometa search --seed=3")
        self.assertEqual(begun["versions"]["numpy"], np.__version__)

    def test_a_clock_that_is_set_does_not_change_how_long_it_runs(self):
        before = begun_with.seconds_running()
        with mock.patch.object(time, "time", return_value=0.0):
            self.assertBetween(begun_with.seconds_running() - before, 0, 60)


if __name__ == "__main__":
    absltest.main()
