from absl.testing import absltest, parameterized

from autometa_tf.genomes.operation import (
    OPERATIONS,
    PAPER_OPERATIONS,
    Operation,
)

_POOLING = {"pool": "max", "pool_size": 3}


class OperationTest(parameterized.TestCase):
    def test_the_papers_five_operations_in_order(self):
        self.assertEqual(
            PAPER_OPERATIONS,
            ("conv3x3", "conv1x5_5x1", "identity", "avg_pool3x3", "max_pool3x3"),
        )
        self.assertEqual(tuple(OPERATIONS)[:5], PAPER_OPERATIONS)

    def test_each_is_found_under_its_own_name(self):
        for name, operation in OPERATIONS.items():
            self.assertEqual(operation.name, name)

    def test_factorised_convolution_covers_five_by_five(self):
        heights, widths = zip(*OPERATIONS["conv1x5_5x1"].kernel_sizes, strict=True)
        self.assertEqual((max(heights), max(widths)), (5, 5))

    @parameterized.parameters(
        ({"name": ""}, "`name`"),
        ({"name": "x", **_POOLING, "pool": "median"}, "median"),
        ({"name": "x", "pool": "max"}, "`pool_size`"),
        ({"name": "x", "pool_size": 3}, "`pool_size`"),
        ({"name": "x", "kernel_sizes": ((0, 3),)}, "`kernel_sizes`"),
        ({"name": "x", "kernel_sizes": ((3, 3),), "dilation": 0}, "`dilation`"),
        (
            {"name": "x", "kernel_sizes": ((3, 3),), "pool": "max", "pool_size": 3},
            "both",
        ),
    )
    def test_refuses_what_cannot_be_built(self, fields, message):
        with self.assertRaisesRegex(ValueError, message):
            Operation(**fields)


if __name__ == "__main__":
    absltest.main()
