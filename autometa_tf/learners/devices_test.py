import os
import subprocess
import sys

import tensorflow as tf
from absl.testing import absltest

from autometa_tf.learners.devices import (
    gpu_available,
    grouped_gradients_available,
    operations_at_once,
    use_devices,
)


class DevicesTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        use_devices(num_threads=2, num_logical_cpus=3, gpus=False)

    def test_sets_threads(self):
        self.assertEqual(tf.config.threading.get_intra_op_parallelism_threads(), 1)
        self.assertEqual(tf.config.threading.get_inter_op_parallelism_threads(), 2)
        self.assertEqual(operations_at_once(), 2)

    def test_makes_logical_cpus_that_compute(self):
        devices = tf.config.list_logical_devices("CPU")
        self.assertLen(devices, 3)
        for device in devices:
            with tf.device(device.name):
                y = tf.ones([2]) + 1.0
            self.assertTrue(y.device.endswith(device.name.split("/")[-1]))

    def test_hides_gpus_that_are_not_wanted(self):
        self.assertEmpty(tf.config.get_visible_devices("GPU"))

    def test_refuses_when_it_is_too_late(self):
        tf.ones([1])
        with self.assertRaises(RuntimeError):
            use_devices(num_threads=1, num_logical_cpus=2)

    def test_a_gpu_is_available_when_tensorflow_sees_one(self):
        physical_devices = {
            device.device_type for device in tf.config.list_physical_devices()
        }
        self.assertEqual(gpu_available(), "GPU" in physical_devices)


class GroupedGradientsTest(absltest.TestCase):
    def test_tells_whether_the_gradient_of_a_grouped_convolution_works(self):
        x, kernel = tf.ones([2, 5, 5, 6]), tf.ones([3, 3, 2, 9])
        try:
            with tf.GradientTape() as tape:
                tape.watch(kernel)
                y = tf.nn.conv2d(x, kernel, 1, "SAME")
            works = tape.gradient(y, kernel) is not None
        except tf.errors.InvalidArgumentError:
            works = False
        self.assertEqual(grouped_gradients_available(), works)

    def test_there_are_none_without_onednn(self):
        environment = os.environ | {
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        result = subprocess.run(
            [sys.executable, __file__, "report"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.split(), ["False"])


if __name__ == "__main__":
    if sys.argv[1:] == ["report"]:
        print(grouped_gradients_available())
    else:
        absltest.main()
