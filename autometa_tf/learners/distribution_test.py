import tensorflow as tf
from absl.testing import absltest

from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.distribution import make_distribution, num_replicas
from autometa_tf.learners.distribution_config import DISTRIBUTION_NAMES


class DistributionTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        use_devices(num_threads=1, num_logical_cpus=3, gpus=False)

    def test_default_is_one_replica(self):
        self.assertEqual(make_distribution("default").num_replicas_in_sync, 1)

    def test_mirrored_has_a_replica_on_each_logical_cpu_without_gpus(self):
        distribution = make_distribution("mirrored")
        self.assertIsInstance(distribution, tf.distribute.MirroredStrategy)
        self.assertLen(set(distribution.extended.worker_devices), 3)

    def test_mirrored_takes_the_gpus_where_there_are_any(self):
        cpus = tf.config.list_logical_devices("CPU")
        # Two of the CPUs play the GPUs, since the machine of a test has none.
        with absltest.mock.patch.object(
            tf.config,
            "list_logical_devices",
            lambda kind: {"GPU": cpus[1:], "CPU": cpus}[kind],
        ):
            distribution = make_distribution("mirrored")
        devices = distribution.extended.worker_devices
        replicas = [name.split(":")[-1] for name in devices]
        self.assertEqual(replicas, ["1", "2"])

    def test_replicas_are_counted_without_a_distribution(self):
        for name in DISTRIBUTION_NAMES:
            made = make_distribution(name).num_replicas_in_sync
            self.assertEqual(num_replicas(name), made)

    def test_refuses_other_names(self):
        for name in DISTRIBUTION_NAMES:
            with self.assertRaisesRegex(
                ValueError, f"must be one of .*{name}.*'multi'"
            ):
                make_distribution("multi")


if __name__ == "__main__":
    absltest.main()
