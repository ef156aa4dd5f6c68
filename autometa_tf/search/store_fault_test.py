"""What can go wrong with a run's file, and that it harms nothing."""

import dataclasses
import os
import pathlib
import resource

import hypothesis
from absl.testing import absltest, parameterized
from hypothesis import strategies

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.database import StoreError, connect
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.state import Stage
from autometa_tf.search.store import STORE_FILE_NAME, open_store, open_store_to_read

_A, _B, _C = one_block_genomes()[:3]
_KEY = EvaluationKey(seed=3, outer_iterations=1000, rung=1000, num_episodes=100)
_STAGE = Stage(number=1, genomes=(_A, _B, _C), num_expanded=5, num_distinct=4)
_SUCCESS = Evaluation(genome=_A, key=_KEY, score=1 / 3)
_FAILURE = Evaluation(genome=_B, key=_KEY, score=None, failure="NaN")


class StoreFaultTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = os.path.join(self.create_tempdir().full_path, "run")
        self.path = os.path.join(self.run_dir, STORE_FILE_NAME)

    def open(self, **kwargs):
        store = open_store(self.run_dir, **kwargs)
        self.addCleanup(store.close)
        return store

    def write(self, *evaluations):
        with self.open() as store:
            store.add_stage(_STAGE)
            for evaluation in evaluations:
                store.add_evaluation(evaluation)

    def read_state(self):
        with open_store_to_read(self.run_dir) as store:
            return store.read_state(plan_without_rungs(_KEY))

    def test_two_drivers(self):
        first = self.open()
        with self.assertRaisesRegex(StoreError, f"process {os.getpid()}"):
            self.open()
        first.add_evaluation(_SUCCESS)

    def test_a_driver_that_lost_its_lease_writes_no_more(self):
        first = self.open()
        connection = connect(self.path)
        connection.execute("UPDATE lease SET place = 'elsewhere', expires = 0")
        connection.close()
        second = self.open()
        with self.assertRaisesRegex(StoreError, "Another has taken over"):
            first.add_evaluation(_SUCCESS)
        self.assertEmpty(second.read_evaluations())

    def test_run_directory_that_cannot_be(self):
        self.run_dir = "/proc/self/run"
        with self.assertRaisesRegex(StoreError, "Run directory '/proc/self/run'"):
            self.open()

    @parameterized.parameters(False, True)
    def test_full_disk_loses_nothing_stored(self, on_network_file_system):
        store = self.open(on_network_file_system=on_network_file_system)
        stored = []
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with self.assertRaisesRegex(StoreError, "full"):
                for seed in range(10_000):
                    key = dataclasses.replace(_KEY, seed=seed)
                    evaluation = dataclasses.replace(_SUCCESS, key=key)
                    store.add_evaluation(evaluation)
                    stored.append(evaluation)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        self.assertNotEmpty(stored)
        self.assertEqual(store.read_evaluations(), stored)
        store.add_evaluation(_FAILURE)
        store.close()
        with open_store_to_read(self.run_dir) as reader:
            self.assertEqual(reader.read_evaluations(), [*stored, _FAILURE])

    @parameterized.parameters(
        ("evaluation", "genome", "[]"),
        ("evaluation", "genome", '{"blocks": [[0, "sing", 0, "sing"]]}'),
        ("evaluation", "score", 2.0),
        ("evaluation", "score", None),
        ("evaluation", "num_parameters", -1),
        ("candidate", "genome", ""),
        ("stage", "number", 7),
        ("stage", "num_distinct", -1),
    )
    def test_refuses_records_that_no_search_writes(self, table, column, value):
        self.write(_SUCCESS)
        connection = connect(self.path)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = 1", (value,))
        connection.close()
        with self.assertRaisesRegex(StoreError, "holds what no search writes"):
            self.read_state()

    def test_survives_any_damage_with_a_clear_error(self):
        self.write(_SUCCESS, _FAILURE)
        content = pathlib.Path(self.path).read_bytes()

        @hypothesis.given(
            strategies.lists(
                strategies.tuples(
                    strategies.integers(0, len(content) - 1),
                    strategies.binary(min_size=1, max_size=40),
                ),
                min_size=1,
                max_size=5,
            ),
            strategies.integers(0, len(content)),
        )
        @hypothesis.settings(deadline=None, derandomize=True, max_examples=300)
        def check(changes, size):
            damaged = bytearray(content)
            for offset, change in changes:
                damaged[offset : offset + len(change)] = change
            # Half of the files are cut short, too.
            damaged = damaged[:size] if size % 2 else damaged
            pathlib.Path(self.path).write_bytes(damaged)
            for suffix in ("-wal", "-shm", "-journal"):
                pathlib.Path(self.path + suffix).unlink(missing_ok=True)
            try:
                self.read_state()
                with self.open() as store:
                    store.read_evaluations()
            except StoreError as error:
                self.assertNotIn("\n", str(error))

        check()


if __name__ == "__main__":
    absltest.main()
