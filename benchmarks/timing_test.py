import time

import numpy as np
from absl.testing import absltest, parameterized

from benchmarks.timing import MatrixProduct, show, time_interleaved


class TimingTest(parameterized.TestCase):
    def test_takes_turns(self):
        calls = []
        runs = {name: lambda name=name: calls.append(name) for name in "ab"}
        seconds = time_interleaved(runs, 3)
        self.assertEqual(calls, list("ababab"))
        shapes = {name: times.shape for name, times in seconds.items()}
        self.assertEqual(shapes, {"a": (2, 3), "b": (2, 3)})

    def test_times_each_on_its_own(self):
        runs = {"short": lambda: None, "long": lambda: time.sleep(0.02)}
        seconds = time_interleaved(runs, 2)
        self.assertGreaterEqual(seconds["long"][0].min(), 0.02)
        self.assertLess(seconds["short"][0].min(), 0.02)

    def test_sleep_is_no_cpu_time(self):
        ((wall,), (cpu,)) = time_interleaved({"x": lambda: time.sleep(0.1)}, 1)["x"]
        self.assertLess(cpu, wall)

    @parameterized.parameters(
        ((2.0, 1.9), "2"),
        ((2.0, 1.5), "2 [2]"),
        ((200.0, 150.0), "200 [150]"),
        ((200.0, np.nan), "200"),
        ((np.nan, np.nan), "–"),
    )
    def test_both_clocks_are_shown_where_they_differ(self, by_clock, text):
        self.assertEqual(show(np.array(by_clock)), text)

    def test_matrix_product_counts_each_multiplication_and_addition(self):
        for num_at_once in (1, 3):
            product = MatrixProduct(num_at_once)
            product.run()
            self.assertEqual(product.operations, num_at_once * 2 * 2048 * 2048 * 2048)


if __name__ == "__main__":
    absltest.main()
