import tensorflow as tf
from absl.testing import absltest

from autometa_tf.learners.devices import (
    gpu_available,
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


if __name__ == "__main__":
    absltest.main()
