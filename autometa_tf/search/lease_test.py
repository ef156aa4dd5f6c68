import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from unittest import mock

from absl.testing import absltest

from autometa_tf.search import lease as lease_lib
from autometa_tf.search.database import StoreError, connect, open_database
from autometa_tf.search.lease import Lease


def _hold_lease(path, ready):
    Lease(open_database(path), functools.partial(connect, path)).acquire()
    ready.set()
    time.sleep(60)


class LeaseTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.create_tempdir().full_path, "search.sqlite")
        self.connection = open_database(self.path)
        self.addCleanup(self.connection.close)

    def make_lease(self, **fields):
        connection = connect(self.path)
        self.addCleanup(connection.close)
        return Lease(connection, functools.partial(connect, self.path), **fields)

    def change_row(self, **values):
        for name, value in values.items():
            self.connection.execute(f"UPDATE lease SET {name} = ?", (value,))

    def test_one_at_a_time(self):
        first = self.make_lease()
        first.acquire()
        with self.assertRaisesRegex(
            StoreError, f"process {os.getpid()} on .* lasts 60"
        ):
            self.make_lease().acquire()
        first.check()
        first.release()

    def test_released_is_free_at_once(self):
        first = self.make_lease()
        self.assertFalse(lease_lib.is_held(self.connection))
        first.acquire()
        self.assertTrue(lease_lib.is_held(self.connection))
        first.release()
        self.assertFalse(lease_lib.is_held(self.connection))
        second = self.make_lease()
        second.acquire()
        second.check()
        second.release()

    def test_check_fails_without_the_lease(self):
        with self.assertRaisesRegex(StoreError, "Another has taken over"):
            self.make_lease().check()

    def test_of_a_killed_process_is_free_at_once(self):
        context = multiprocessing.get_context("fork")
        ready = context.Event()
        process = context.Process(target=_hold_lease, args=(self.path, ready))
        process.start()
        self.assertTrue(ready.wait(30))
        with self.assertRaisesRegex(StoreError, f"process {process.pid}"):
            self.make_lease().acquire()
        process.kill()
        # The process is not waited for, and becomes a zombie: that is dead too.
        lease = self.make_lease()
        deadline = time.monotonic() + 30
        while True:
            try:
                lease.acquire()
                break
            except StoreError:
                self.assertLess(time.monotonic(), deadline)
        lease.release()
        process.join()

    def test_of_an_earlier_process_with_our_id_is_free_at_once(self):
        first = self.make_lease()
        first.acquire()
        self.change_row(start_time="1")
        second = self.make_lease()
        second.acquire()
        second.release()
        first.release()

    def test_of_another_machine_must_run_out(self):
        first = self.make_lease()
        first.acquire()
        self.change_row(place="another machine", pid=2**22 + 1)
        second = self.make_lease()
        with self.assertRaisesRegex(StoreError, "one driver at a time"):
            second.acquire()
        self.change_row(expires=time.time() - 1)
        second.acquire()
        second.check()
        second.release()
        first.release()

    def test_of_one_here_at_work_does_not_hang_on_the_clock(self):
        first = self.make_lease()
        first.acquire()
        with (
            mock.patch.object(time, "time", return_value=time.time() + 1e6),
            self.assertRaisesRegex(StoreError, "lasts 0 s more.*--run_dir"),
        ):
            self.make_lease().acquire()
        first.check()
        first.release()

    def test_without_proc_a_dead_owners_is_free_at_once_and_others_run_out(self):
        def open_without_proc(file, *arguments, **named):
            raise FileNotFoundError(file)

        with mock.patch.object(lease_lib, "open", open_without_proc, create=True):
            first, second = self.make_lease(), self.make_lease()
            first.acquire()
            with self.assertRaisesRegex(StoreError, "one driver at a time"):
                second.acquire()
            self.change_row(expires=time.time() - 1)
            second.acquire()
            first.release()
            done = subprocess.run(
                [sys.executable, "-c", "import os; print(os.getpid())"],
                capture_output=True,
            )
            self.change_row(pid=int(done.stdout))
            third = self.make_lease()
            third.acquire()
            second.release()
            third.release()

    def test_of_one_here_that_was_stopped_runs_out(self):
        context = multiprocessing.get_context("fork")
        ready = context.Event()
        process = context.Process(target=_hold_lease, args=(self.path, ready))
        process.start()
        self.assertTrue(ready.wait(30))
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)  # Until it has stopped.
        with self.assertRaises(StoreError):
            self.make_lease().acquire()
        self.change_row(expires=time.time() - 1)
        lease = self.make_lease()
        lease.acquire()
        lease.release()
        process.kill()
        process.join()

    def test_whoever_lost_it_notices(self):
        first = self.make_lease()
        first.acquire()
        self.change_row(place="another machine", expires=time.time() - 1)
        second = self.make_lease()
        second.acquire()
        with self.assertRaisesRegex(StoreError, "Another has taken over"):
            first.check()
        first.release()
        second.check()
        second.release()

    def test_is_renewed_while_its_owner_waits(self):
        lease = self.make_lease(seconds=0.4)
        lease.acquire()
        time.sleep(1.0)
        with self.assertRaises(StoreError):
            self.make_lease().acquire()
        lease.check()
        lease.release()

    def test_renewal_outlives_a_locked_file(self):
        lease = self.make_lease(seconds=0.4)
        lease.acquire()
        self.connection.execute("BEGIN EXCLUSIVE")
        time.sleep(0.3)
        self.connection.execute("ROLLBACK")
        time.sleep(0.3)
        row = self.connection.execute("SELECT expires FROM lease").fetchone()
        self.assertGreater(row["expires"], time.time())
        lease.release()


if __name__ == "__main__":
    absltest.main()
