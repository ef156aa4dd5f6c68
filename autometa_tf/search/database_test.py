import contextlib
import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.search.database import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    StoreError,
    connect,
    open_database,
    open_database_to_read,
    transaction,
)

_MAKE_FOREIGN = "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup');"


@contextlib.contextmanager
def _read_only(folder):
    """Nobody, not even root, can write into the folder."""
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@contextlib.contextmanager
def _full_disk(max_file_size):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class DatabaseTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        # In /tmp, because a user who is not root may not enter Bazel's folder.
        folder = tempfile.TemporaryDirectory(dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.path = str(self.folder / "search.sqlite")

    def make(self):
        open_database(self.path).close()
        return pathlib.Path(self.path).read_bytes()

    def assert_refused(self, message, opening=open_database):
        with self.assertRaisesRegex(StoreError, message) as raised:
            opening(self.path).close()
        self.assertIn(self.path, str(raised.exception))
        self.assertNotIn("\n", str(raised.exception))

    def assert_refused_and_left_alone(self, content, message):
        pathlib.Path(self.path).write_bytes(content)
        for opening in (open_database, open_database_to_read):
            self.assert_refused(message, opening)
        self.assertEqual(pathlib.Path(self.path).read_bytes(), content)

    def test_makes_a_file_and_opens_it_again(self):
        self.make()
        connection = open_database(self.path)
        self.assertEqual(
            connection.execute("PRAGMA application_id").fetchone()[0], APPLICATION_ID
        )
        connection.close()

    def test_paths_may_hold_what_means_something_in_addresses(self):
        self.path = str(self.folder / "50% of #1?mode=ro")
        self.make()
        open_database_to_read(self.path).close()

    @parameterized.parameters((False, "wal"), (True, "delete"), (False, "wal"))
    def test_journal_suits_the_file_system(self, on_network_file_system, expected):
        for before in (False, True):
            open_database(self.path, before).close()
            connection = open_database(self.path, on_network_file_system)
            journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
            self.assertEqual(journal, expected)
            # 2 is FULL: a commit waits until it is on the disk.
            self.assertEqual(connection.execute("PRAGMA synchronous").fetchone()[0], 2)
            connection.close()

    def test_missing_file_is_not_made_by_reading(self):
        self.assert_refused("no search has begun", open_database_to_read)
        self.assertEmpty(os.listdir(self.folder))

    @parameterized.named_parameters(
        ("text", b"These are not the bytes you are looking for. " * 100),
        ("empty", b""),
        ("short", b"SQLite format 3\0"),
        ("zeros", bytes(8192)),
    )
    def test_refuses_what_is_no_sqlite_file(self, content):
        self.assert_refused_and_left_alone(content, "must be an SQLite file")

    def test_refuses_databases_of_others(self):
        connection = sqlite3.connect(self.path)
        connection.executescript(_MAKE_FOREIGN)
        connection.close()
        self.assert_refused_and_left_alone(
            pathlib.Path(self.path).read_bytes(), "made by autometa_tf .* Received: 0"
        )
        self.assertEqual(os.listdir(self.folder), ["search.sqlite"])

    @parameterized.parameters(SCHEMA_VERSION - 1, SCHEMA_VERSION + 1)
    def test_refuses_other_versions(self, version):
        content = bytearray(self.make())
        content[60:64] = version.to_bytes(4)
        self.assert_refused_and_left_alone(
            bytes(content), f"must be {SCHEMA_VERSION}. Received: {version}"
        )

    @parameterized.parameters(100, 512, 4095, 4096, 8192, 20000)
    def test_refuses_half_written_files(self, size):
        self.assert_refused_and_left_alone(self.make()[:size], "damaged|malformed")

    def test_refuses_a_file_without_our_tables(self):
        connection = sqlite3.connect(self.path)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.close()
        connection = open_database_to_read(self.path)
        with self.assertRaises(sqlite3.OperationalError):
            connection.execute("SELECT * FROM stage")
        connection.close()

    def test_refuses_a_folder(self):
        os.mkdir(self.path)
        self.assert_refused("directory")

    def test_refuses_a_folder_that_is_read_only(self):
        with _read_only(self.folder):
            self.assert_refused("cannot be made: Permission denied")

    def test_refuses_to_write_where_it_can_only_read(self):
        self.make()
        os.chmod(self.path, 0o444)
        with _read_only(self.folder):
            self.assert_refused("must be writable, and so must its folder")

    def test_full_disk_when_making_leaves_nothing_half_made(self):
        with _full_disk(max_file_size=10_000):
            self.assert_refused("cannot be made: File too large")
        self.assertEmpty(os.listdir(self.folder))

    def test_makes_nothing_when_another_driver_was_faster(self):
        content = self.make()
        check = "autometa_tf.search.database._check_header"
        with mock.patch(check, return_value=False):
            open_database(self.path).close()
        self.assertEqual(pathlib.Path(self.path).read_bytes(), content)
        self.assertEqual(os.listdir(self.folder), ["search.sqlite"])

    def test_makes_a_file_where_there_are_no_links(self):
        with mock.patch("os.link", side_effect=PermissionError):
            self.make()
        self.assertEqual(os.listdir(self.folder), ["search.sqlite"])

    @parameterized.parameters(open_database, open_database_to_read)
    def test_programs_that_look_at_an_open_file_do_no_harm(self, open_again):
        connection = open_database(self.path)
        self.addCleanup(connection.close)
        connection.execute("INSERT INTO decision VALUES ('first', 1)")
        # Whatever else this process does with the file must not lose its locks.
        open_again(self.path).close()
        look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        look += "print(c.execute('SELECT * FROM decision').fetchall()); c.close()"
        command = [sys.executable, "-c", look, self.path]
        seen = subprocess.run(command, capture_output=True, text=True, check=True)
        self.assertEqual(seen.stdout, "[('first', 1)]\n")
        connection.execute("INSERT INTO decision VALUES ('second', 2)")
        # The last to close a file ends its log, which others would then miss.
        self.assertTrue(os.path.exists(f"{self.path}-wal"))
        seen = subprocess.run(command, capture_output=True, text=True, check=True)
        self.assertEqual(seen.stdout, "[('first', 1), ('second', 2)]\n")

    def test_transaction_is_undone_on_errors(self):
        connection = open_database(self.path)
        with self.assertRaises(KeyboardInterrupt), transaction(connection):
            connection.execute(
                "INSERT INTO stage (number, num_expanded, num_distinct) VALUES (1, 2, 2)"
            )
            raise KeyboardInterrupt
        self.assertEmpty(connection.execute("SELECT * FROM stage").fetchall())
        connection.close()

    def test_readers_are_not_disturbed_by_a_transaction(self):
        connection = open_database(self.path, on_network_file_system=False)
        reader = connect(self.path, "ro")
        with transaction(connection):
            connection.execute(
                "INSERT INTO stage (number, num_expanded, num_distinct) VALUES (1, 2, 2)"
            )
            self.assertEmpty(reader.execute("SELECT * FROM stage").fetchall())
        self.assertLen(reader.execute("SELECT * FROM stage").fetchall(), 1)
        reader.close()
        connection.close()


if __name__ == "__main__":
    absltest.main()
