import dataclasses
import os
import pathlib
import resource
import time

import hypothesis
from absl.testing import absltest, parameterized
from hypothesis import strategies

from autometa_tf.evaluators.evaluation import Evaluation
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.database import connect
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store import (
    STORE_FILE_NAME,
    ConfigDiffersError,
    SearchStore,
    StoreError,
    open_store,
    open_store_to_read,
)
from autometa_tf.testing.genome_strategies import genomes

_A, _B, _C = one_block_genomes()[:3]
_CONFIG = {"beam_size": 4, "network": {"num_filters": 10, "sizes": (1, 2)}}
_STAGE = Stage(
    number=1,
    genomes=(_A, _B, _C),
    predictions=(0.1, 0.25, 1 / 3),
    num_expanded=6600,
    num_distinct=5115,
    fit_quality=RankingQuality(
        num_genomes=55, spearman=0.5, kendall=None, mean_absolute_error=0.01
    ),
)
_FIRST_STAGE = Stage(number=1, genomes=(_A, _C), num_expanded=2, num_distinct=2)
_SUCCESS = Evaluation(
    genome=_A,
    seed=3,
    outer_iterations=1000,
    score=1 / 3,
    score_ci95=0.01,
    non_transductive_score=0.2,
    non_transductive_ci95=0.02,
    num_episodes=100,
    num_parameters=24005,
    build_seconds=1.5,
    train_seconds=2.5,
    scoring_seconds=3.5,
    peak_memory_bytes=2**31,
    num_retries=1,
)
_FAILURE = Evaluation(
    genome=_B, seed=3, outer_iterations=1000, score=None, failure="NaN: ∞\nloss"
)


class StoreTestCase(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = os.path.join(self.create_tempdir().full_path, "run")
        self.path = os.path.join(self.run_dir, STORE_FILE_NAME)

    def open(self, config=_CONFIG, **kwargs) -> SearchStore:
        store = open_store(self.run_dir, config, **kwargs)
        self.addCleanup(store.close)
        return store

    def write(self, *records):
        with self.open() as store:
            for record in records:
                if isinstance(record, Stage):
                    store.add_stage(record)
                else:
                    store.add_evaluation(record)

    def read_state(self, seed=3, outer_iterations=1000) -> SearchState:
        with open_store_to_read(self.run_dir) as store:
            return store.read_state(seed=seed, outer_iterations=outer_iterations)


class SearchStoreTest(StoreTestCase):
    def test_a_new_run_is_empty(self):
        self.write()
        self.assertEqual(self.read_state(), SearchState())

    @parameterized.parameters(_STAGE, _FIRST_STAGE)
    def test_gives_back_the_stage_it_was_given(self, stage):
        self.write(stage)
        self.assertEqual(self.read_state().stages, (stage,))

    def test_gives_back_the_evaluations_it_was_given(self):
        self.write(_FAILURE, _SUCCESS)
        self.assertEqual(self.read_state().evaluations, {_A: _SUCCESS, _B: _FAILURE})
        with open_store_to_read(self.run_dir) as store:
            self.assertEqual(store.read_evaluations(), [_FAILURE, _SUCCESS])

    def test_gives_back_any_genome(self):
        store = self.open()

        @hypothesis.given(genomes())
        @hypothesis.settings(deadline=None, derandomize=True, max_examples=50)
        def check(genome):
            evaluation = dataclasses.replace(_SUCCESS, genome=genome)
            store.add_evaluation(evaluation)
            self.assertEqual(store.read_evaluations()[-1], evaluation)
            store.discard_evaluations([evaluation])

        check()

    def test_holds_all_fields_of_an_evaluation(self):
        self.write()
        connection = connect(self.path)
        columns = connection.execute("SELECT name FROM pragma_table_info('evaluation')")
        self.assertCountEqual(
            [row["name"] for row in columns],
            [field.name for field in dataclasses.fields(Evaluation)],
        )
        connection.close()

    def test_other_seeds_and_budgets_are_other_evaluations(self):
        longer = dataclasses.replace(_SUCCESS, outer_iterations=2000, score=0.75)
        other = dataclasses.replace(_SUCCESS, seed=4, score=0.5)
        self.write(_SUCCESS, longer, other)
        self.assertEqual(self.read_state().best, _SUCCESS)
        self.assertEqual(self.read_state(outer_iterations=2000).best, longer)
        self.assertEqual(self.read_state(seed=4).best, other)

    @parameterized.parameters(_STAGE, _SUCCESS)
    def test_nothing_is_stored_twice(self, record):
        with self.assertRaisesRegex(StoreError, "UNIQUE"):
            self.write(record, record)
        self.write()

    def test_half_a_stage_is_never_stored(self):
        # The second candidate breaks the rule that candidates differ.
        broken = dataclasses.replace(_STAGE)
        object.__setattr__(broken, "genomes", (_A, _A, _B))
        with self.assertRaises(StoreError):
            self.write(broken)
        self.assertEqual(self.read_state().stages, ())

    def test_discarded_evaluations_are_gone(self):
        store = self.open()
        store.add_evaluation(_SUCCESS)
        store.add_evaluation(_FAILURE)
        store.discard_evaluations([_FAILURE])
        self.assertEqual(store.read_evaluations(), [_SUCCESS])

    def test_can_be_read_while_it_is_written(self):
        store = self.open()
        with open_store_to_read(self.run_dir) as reader:
            store.add_evaluation(_SUCCESS)
            self.assertEqual(reader.read_evaluations(), [_SUCCESS])

    def test_a_reader_cannot_write(self):
        self.write(_SUCCESS)
        with (
            open_store_to_read(self.run_dir) as reader,
            self.assertRaisesRegex(StoreError, "opened to read"),
        ):
            reader.discard_evaluations([_SUCCESS])

    def test_leaves_one_file(self):
        self.write(_SUCCESS)
        self.assertEqual(os.listdir(self.run_dir), [STORE_FILE_NAME])


class RunConfigTest(StoreTestCase):
    def test_is_kept(self):
        self.write()
        with open_store_to_read(self.run_dir) as store:
            config = store.read_config()
        self.assertEqual(config["network"], {"num_filters": 10, "sizes": [1, 2]})

    def test_the_same_may_go_on(self):
        self.write(_SUCCESS)
        self.assertEqual(self.open().read_evaluations(), [_SUCCESS])

    def test_all_differences_are_named(self):
        self.write()
        with self.assertRaisesRegex(
            ConfigDiffersError,
            r"Received: beam_size: 4 stored, nothing given; "
            r"network.num_filters: 10 stored, 12 given; seed: nothing stored, 7 given.",
        ):
            self.open({"seed": 7, "network": {"num_filters": 12, "sizes": [1, 2]}})

    def test_some_may_differ(self):
        self.write()
        other = {"beam_size": 5, "network": {"num_filters": 12, "sizes": []}}
        self.open(other, may_differ=("beam_size", "network"))

    def test_names_that_only_begin_alike_may_not(self):
        self.write()
        with self.assertRaisesRegex(ConfigDiffersError, "beam_size"):
            self.open({**_CONFIG, "beam_size": 5}, may_differ=("beam", "network"))

    def test_refusal_leaves_the_run_as_it_was(self):
        self.write(_SUCCESS)
        with self.assertRaises(ConfigDiffersError):
            self.open({})
        self.write(_FAILURE)
        self.assertLen(self.read_state().evaluations, 2)


class StoreFaultTest(StoreTestCase):
    def test_two_drivers(self):
        first = self.open()
        with self.assertRaisesRegex(StoreError, f"process {os.getpid()}"):
            self.open()
        first.add_evaluation(_SUCCESS)

    def test_a_driver_that_lost_its_lease_writes_no_more(self):
        first = self.open()
        connection = connect(self.path)
        connection.execute("UPDATE lease SET expires = ?", (time.time() - 1,))
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
                    evaluation = dataclasses.replace(_SUCCESS, seed=seed)
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
        ("evaluation", "num_episodes", -1),
        ("candidate", "genome", ""),
        ("stage", "number", 7),
        ("stage", "num_distinct", -1),
    )
    def test_refuses_records_that_no_search_writes(self, table, column, value):
        self.write(_FIRST_STAGE, _SUCCESS)
        connection = connect(self.path)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = 1", (value,))
        connection.close()
        with self.assertRaisesRegex(StoreError, "holds what no search writes"):
            self.read_state()

    @parameterized.parameters("", "[]", "null", "{", "[" * 100_000)
    def test_refuses_configurations_that_are_none(self, text):
        self.write()
        connection = connect(self.path)
        connection.execute("UPDATE config SET json = ?", (text,))
        connection.close()
        with self.assertRaises(StoreError):
            self.open()

    def test_survives_any_damage_with_a_clear_error(self):
        self.write(_STAGE, _SUCCESS, _FAILURE)
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
                with self.open(may_differ=_CONFIG) as store:
                    store.read_evaluations()
            except StoreError as error:
                self.assertNotIn("\n", str(error))

        check()


if __name__ == "__main__":
    absltest.main()
