import tensorflow as tf
from absl.testing import absltest, parameterized

from benchmarks import phases


class PhasesTest(parameterized.TestCase):
    @parameterized.parameters(
        ("while/body/_1/parallel_conv2d_1/Conv2D:_MklConv2D", phases.CONVOLUTIONS),
        ("gradient_tape/parallel_conv2d/mul:Mul", phases.CONVOLUTIONS),
        ("while/parallel_dense_1/matmul:_MklBatchMatMulV2", phases.CONVOLUTIONS),
        ("while/parallel_conv2d_2/normalization/mul:Mul", phases.NORMALIZATION),
        ("while/normalization_gradient_2/Sum:Sum", phases.NORMALIZATION),
        (
            "gradient_tape/while/parallel_conv2d_1/normalization/FusedBatchNormGradV3:"
            "_MklNativeFusedBatchNormGradV3",
            phases.NORMALIZATION,
        ),
        (
            "while/batch_last_conv2d_1/AutometaConvolveNormalize:"
            "AutometaConvolveNormalize",
            phases.CONVOLUTIONS,
        ),
        ("w/AutometaConvolveGradient:AutometaConvolveGradient", phases.CONVOLUTIONS),
        ("while/batch_last_dense/transpose:_MklTranspose", phases.CONVOLUTIONS),
        ("gradient_tape/while/re_lu_1/ReluGrad:ReluGrad", phases.OTHER_LAYERS),
        (
            "gradient_tape/while/batch_last_pooling/AutometaPoolGradient:"
            "AutometaPoolGradient",
            phases.OTHER_LAYERS,
        ),
        ("while/batch_last_average/Mean:Mean", phases.OTHER_LAYERS),
        ("while/batch_last_concatenate_1/concat:ConcatV2", phases.OTHER_LAYERS),
        ("w/sampling/AutometaGatherImages:AutometaGatherImages", phases.SAMPLING),
        ("while/body/_9/while/add_2/add:AddV2", phases.OTHER_LAYERS),
        ("while/body/_9/while/adam/add_2:AddV2", phases.ADAM),
        ("while/body/_9/sampling/GatherV2:GatherV2", phases.SAMPLING),
        ("while/body/_9/while/concat:ConcatV2", phases.COPIES),
        ("while/body/_9/while/add_3:AddV2", phases.COPIES),
        ("while/body/_9/gradient_tape/while/AddN_3:AddN", phases.OTHER_LAYERS),
    )
    def test_phase_of(self, operation, phase):
        self.assertEqual(phases.phase_of(operation), phase)

    def test_time_within_another_operation_counts_once(self):
        events = [
            ("call:Call", 0, 100),
            ("a:Mul", 10, 20),
            ("Executor::Process", 10, 50),
            ("b:Conv2D", 40, 30),
            ("inner:Mul", 45, 5),
            ("after:Mul", 100, 7),
        ]
        self.assertEqual(
            phases.self_times(reversed(events)),
            {"call:Call": 50, "a:Mul": 20, "b:Conv2D": 25, "inner:Mul": 5}
            | {"after:Mul": 7},
        )

    def test_finds_where_the_time_goes(self):
        kernel = tf.ones([5, 5, 64, 64])

        @tf.function
        def convolve(x):
            for _ in range(5):
                x = tf.nn.conv2d(x, kernel, 1, "SAME")
            with tf.name_scope("adam"):
                return tf.square(x)

        x = tf.ones([4, 32, 32, 64])
        convolve(x)
        shares = phases.measure_phases(lambda: convolve(x).numpy())
        self.assertAlmostEqual(sum(shares.values()), 1, places=6)
        self.assertGreater(shares[phases.CONVOLUTIONS], 0.5)
        self.assertBetween(shares[phases.ADAM], 1e-5, 0.3)
        self.assertEqual(shares[phases.SAMPLING], 0)


if __name__ == "__main__":
    absltest.main()
