import time

from absl.testing import absltest

from benchmarks.timing import MatrixProduct, time_interleaved


class TimingTest(absltest.TestCase):
    def test_takes_turns(self):
        calls = []
        runs = {name: lambda name=name: calls.append(name) for name in "ab"}
        seconds = time_interleaved(runs, 3)
        self.assertEqual(calls, list("ababab"))
        self.assertEqual({n: len(s) for n, s in seconds.items()}, {"a": 3, "b": 3})

    def test_times_each_on_its_own(self):
        runs = {"short": lambda: None, "long": lambda: time.sleep(0.02)}
        seconds = time_interleaved(runs, 2)
        self.assertGreaterEqual(seconds["long"].min(), 0.02)
        self.assertLess(seconds["short"].min(), 0.02)

    def test_matrix_product_counts_each_multiplication_and_addition(self):
        for num_at_once in (1, 3):
            product = MatrixProduct(num_at_once)
            product.run()
            self.assertEqual(product.operations, num_at_once * 2 * 2048 * 2048 * 2048)


if __name__ == "__main__":
    absltest.main()
