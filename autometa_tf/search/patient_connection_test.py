import contextlib
import os
import sqlite3
import threading
import time
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.search import patient_connection
from autometa_tf.search.patient_connection import connect_patiently


class PatientConnectionTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.create_tempdir().full_path, "file.sqlite")
        self.enter_context(
            mock.patch.multiple(
                patient_connection, _NOTICE_SECONDS=0.3, _ATTEMPT_SECONDS=0.1
            )
        )

    def connect(self, mode="rw", patience=30.0):
        connection = connect_patiently(self.path, mode, patience)
        return self.enter_context(contextlib.closing(connection))

    @contextlib.contextmanager
    def held(self, lock, journal, seconds):
        """Another program has a lock, and gives it up in the background."""
        other = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False
        )
        other.execute(f"PRAGMA journal_mode = {journal}")
        other.execute("CREATE TABLE IF NOT EXISTS t (x)")
        other.execute(f"BEGIN {lock}")
        other.execute("SELECT * FROM t").fetchall()

        def let_go():
            time.sleep(seconds)
            other.execute("ROLLBACK")

        thread = threading.Thread(target=let_go)
        thread.start()
        try:
            yield
        finally:
            thread.join()
            other.close()

    def write(self, connection):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("COMMIT")

    @parameterized.product(lock=["EXCLUSIVE", "IMMEDIATE"], journal=["WAL", "DELETE"])
    def test_writing_waits_and_says_so_once(self, lock, journal):
        with self.held(lock, journal, 1.0), self.assertLogs() as logs:
            connection = self.connect()
            self.write(connection)
        self.assertEqual(connection.execute("SELECT x FROM t").fetchall(), [(1,)])
        self.assertLen(logs.output, 2)
        self.assertIn(f"has locked {self.path}; waiting", logs.output[0])
        self.assertIn("free again", logs.output[1])

    def test_who_only_looks_is_waited_for_too(self):
        with self.held("DEFERRED", "DELETE", 1.0), self.assertLogs():
            connection = self.connect()
            self.write(connection)  # Its COMMIT meets the other's shared lock.
        self.assertEqual(connection.execute("SELECT x FROM t").fetchall(), [(1,)])

    def test_reading_waits(self):
        with self.held("EXCLUSIVE", "DELETE", 1.0), self.assertLogs():
            rows = self.connect("ro").execute("SELECT x FROM t").fetchall()
        self.assertEmpty(rows)

    def test_a_short_wait_is_not_worth_a_word(self):
        with self.held("EXCLUSIVE", "DELETE", 0.1), self.assertNoLogs():
            self.write(self.connect())

    def test_patience_ends(self):
        with (
            self.held("EXCLUSIVE", "DELETE", 1.0),
            self.assertRaisesRegex(sqlite3.OperationalError, "locked"),
        ):
            self.connect(patience=0.2).execute("SELECT x FROM t")

    def test_other_errors_come_at_once(self):
        with self.held("DEFERRED", "DELETE", 0.0), self.assertRaises(sqlite3.Error):
            self.connect().execute("SELECT nothing FROM nowhere")


if __name__ == "__main__":
    absltest.main()
