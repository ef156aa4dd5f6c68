import functools
import os
import signal
import time
from unittest import mock

from absl.testing import absltest

from autometa_tf.workers import ray_cluster
from autometa_tf.workers.ray_cluster import (
    begin_in_worker,
    join_cluster,
    leave_cluster,
    versions_to_check,
    warm_up,
)
from autometa_tf.workers.versions import VersionMismatchError, software_versions
from autometa_tf.workers.workers_config import WorkersConfig

_CONFIG = WorkersConfig(num_workers=2, cpus_per_candidate=2)


_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def _about_me(offset=0):
    return os.getpid() + offset, [os.environ.get(name) for name in _THREADS]


def _variable(name):
    return os.environ.get(name)


def _on_signal(number, frame):
    """A program's own way to end."""


def _crash():
    raise ZeroDivisionError("a bug of ours")


class RayClusterTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = absltest.get_default_test_tmpdir()
        path = os.pathsep.join([cls.folder, os.environ.get("PYTHONPATH", "")])
        # As of a batch job, whose user has no home.
        long_folder = os.path.join(cls.folder, "x" * 80)
        os.makedirs(long_folder, exist_ok=True)
        own = {
            "TF_NUM_INTEROP_THREADS": "7",  # Of this process, not of workers.
            "KERAS_BACKEND": "jax",
            # Of a shell that is set up for another cluster.
            "RAY_ADDRESS": "192.0.2.1:6379",
            "RAY_NAMESPACE": "theirs",
            "RAY_RUNTIME_ENV_HOOK": "no.such.hook",
            "RAY_JOB_CONFIG_JSON_ENV_VAR": "no JSON",
            "RAY_OVERRIDE_RESOURCES": '{"CPU": 0}',
            "PYTHONPATH": path,
            "TMPDIR": long_folder,
            "HOME": "/no/such/home",
        }
        cls.enterClassContext(mock.patch.dict(os.environ, own))
        os.environ.pop("TF_NUM_INTRAOP_THREADS", None)
        signal.signal(signal.SIGTERM, _on_signal)
        cls.ray = join_cluster(_CONFIG)
        cls.addClassCleanup(leave_cluster)

    def test_calls_with_a_candidates_share_of_another_process(self):
        process, threads = begin_in_worker(
            _CONFIG, functools.partial(_about_me, 1_000_000)
        )()
        self.assertNotEqual(process - 1_000_000, os.getpid())
        self.assertEqual(threads, ["1", "1", "2"])

    def test_this_process_keeps_its_environment(self):
        self.assertEqual(os.environ["TF_NUM_INTEROP_THREADS"], "7")
        self.assertNotIn("TF_NUM_INTRAOP_THREADS", os.environ)

    def test_another_cluster_is_left_alone(self):
        self.assertEqual(os.environ["RAY_ADDRESS"], "192.0.2.1:6379")
        namespace = functools.partial(_variable, "RAY_NAMESPACE")
        self.assertIsNone(begin_in_worker(_CONFIG, namespace)())
        (node,) = self.ray.nodes()
        self.assertEqual(node["Resources"]["CPU"], 4)

    def test_signals_are_still_handled_as_before(self):
        self.assertIs(signal.getsignal(signal.SIGTERM), _on_signal)

    def test_a_worker_has_our_settings(self):
        backend = functools.partial(_variable, "KERAS_BACKEND")
        self.assertEqual(begin_in_worker(_CONFIG, backend)(), "tensorflow")

    def test_the_cluster_leaves_nothing(self):
        (folder,) = ray_cluster._folders
        self.assertNotEmpty(os.listdir(folder))
        leave_cluster()
        self.assertFalse(os.path.exists(folder))
        join_cluster(_CONFIG)

    def test_a_process_is_there_for_what_comes_after(self):
        first, second = (begin_in_worker(_CONFIG, _about_me)() for _ in range(2))
        self.assertEqual(first, second)

    def test_a_warm_worker_has_imported_what_it_will_need(self):
        with open(os.path.join(self.folder, "leaves_its_process.py"), "w") as file:
            file.write("import os\n")
            file.write("os.mkdir(f'{__file__}.{os.getpid()}')\n")
        warm_up(_CONFIG, "leaves_its_process")
        deadline = time.monotonic() + 60
        while not self._importers() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertNotEmpty(self._importers())
        self.assertNotIn(str(os.getpid()), self._importers())

    def _importers(self):
        names = os.listdir(self.folder)
        return [
            n.split(".")[-1] for n in names if n.startswith("leaves_its_process.py.")
        ]

    def test_raises_what_the_function_raises(self):
        result = begin_in_worker(_CONFIG, _crash)
        with self.assertRaisesRegex(ZeroDivisionError, "^a bug of ours$"):
            result()

    def test_other_software_is_refused(self):
        versions = {"keras": "2.0"}
        with (
            mock.patch.object(ray_cluster, "versions_to_check", lambda _: versions),
            self.assertRaisesRegex(VersionMismatchError, r"^A worker must run"),
        ):
            begin_in_worker(_CONFIG, _about_me)()

    def test_only_workers_of_a_cluster_to_join_are_compared(self):
        joined = WorkersConfig(ray_address="auto")
        self.assertEqual(versions_to_check(_CONFIG, "avx2"), {})
        self.assertEqual(versions_to_check(joined), software_versions())
        self.assertEqual(
            versions_to_check(joined, "avx2"), software_versions() | {"kernels": "avx2"}
        )

    def test_without_workers_there_is_no_cluster(self):
        config = WorkersConfig(num_workers=0)
        with self.assertRaisesRegex(ValueError, "`num_workers` must .* Received: 0"):
            join_cluster(config)

    def test_a_cluster_is_started_once(self):
        with mock.patch.object(self.ray, "init") as init:
            self.assertIs(join_cluster(_CONFIG), self.ray)
        init.assert_not_called()


if __name__ == "__main__":
    absltest.main()
