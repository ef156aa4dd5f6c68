import tensorflow as tf
from absl.testing import absltest

from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.strategies import (
    STRATEGY_NAMES,
    make_strategy,
    num_replicas,
)


class StrategiesTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        use_devices(num_threads=1, num_logical_cpus=3, gpus=False)

    def test_default_is_one_replica(self):
        self.assertEqual(make_strategy("default").num_replicas_in_sync, 1)

    def test_mirrored_has_a_replica_on_each_logical_cpu_without_gpus(self):
        strategy = make_strategy("mirrored")
        self.assertIsInstance(strategy, tf.distribute.MirroredStrategy)
        self.assertLen(set(strategy.extended.worker_devices), 3)

    def test_mirrored_takes_the_gpus_where_there_are_any(self):
        cpus = tf.config.list_logical_devices("CPU")
        # Two of the CPUs play the GPUs, since the machine of a test has none.
        with absltest.mock.patch.object(
            tf.config,
            "list_logical_devices",
            lambda kind: {"GPU": cpus[1:], "CPU": cpus}[kind],
        ):
            strategy = make_strategy("mirrored")
        replicas = [name.split(":")[-1] for name in strategy.extended.worker_devices]
        self.assertEqual(replicas, ["1", "2"])

    def test_replicas_are_counted_without_a_strategy(self):
        for name in STRATEGY_NAMES:
            made = make_strategy(name).num_replicas_in_sync
            self.assertEqual(num_replicas(name), made)

    def test_refuses_other_names(self):
        for name in STRATEGY_NAMES:
            with self.assertRaisesRegex(
                ValueError, f"must be one of .*{name}.*'multi'"
            ):
                make_strategy("multi")


if __name__ == "__main__":
    absltest.main()
