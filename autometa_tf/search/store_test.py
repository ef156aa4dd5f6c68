import dataclasses
import os

import hypothesis
from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.database import connect
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState, Stage
from autometa_tf.search.store import (
    STORE_FILE_NAME,
    SearchStore,
    StoreError,
    open_store,
    open_store_to_read,
)
from autometa_tf.testing.genome_strategies import genomes

_A, _B, _C = one_block_genomes()[:3]
_KEY = EvaluationKey(seed=3, outer_iterations=1000, rung=1000, num_episodes=100)
_RUNG = dataclasses.replace(_KEY, rung=100)
_FINALIST = EvaluationKey(seed=3, outer_iterations=3000, rung=3000, num_episodes=1000)
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
    key=_KEY,
    score=1 / 3,
    score_ci95=0.01,
    non_transductive_score=0.2,
    non_transductive_ci95=0.02,
    num_parameters=24005,
    build_seconds=1.5,
    train_seconds=2.5,
    scoring_seconds=3.5,
    peak_memory_bytes=2**31,
    num_retries=1,
)
_FAILURE = Evaluation(genome=_B, key=_KEY, score=None, failure="NaN: ∞\nloss")


class SearchStoreTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.run_dir = os.path.join(self.create_tempdir().full_path, "run")
        self.path = os.path.join(self.run_dir, STORE_FILE_NAME)

    def open(self) -> SearchStore:
        store = open_store(self.run_dir)
        self.addCleanup(store.close)
        return store

    def write(self, *records):
        with self.open() as store:
            for record in records:
                if isinstance(record, Stage):
                    store.add_stage(record)
                else:
                    store.add_evaluation(record)

    def read_state(self, *keys, **finalists) -> SearchState:
        with open_store_to_read(self.run_dir) as store:
            return store.read_state(EvaluationPlan(keys=keys or (_KEY,), **finalists))

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
            (
                {field.name for field in dataclasses.fields(Evaluation)}
                - {"key", "learner"}
            )
            | {field.name for field in dataclasses.fields(EvaluationKey)},
        )
        connection.close()

    def test_other_keys_are_other_evaluations(self):
        others = [
            dataclasses.replace(_SUCCESS, key=key, score=score)
            for key, score in (
                (EvaluationKey(**dataclasses.asdict(_KEY) | fields), 0.5)
                for fields in (
                    {"seed": 4},
                    {"outer_iterations": 2000, "rung": 2000},
                    {"num_episodes": 200},
                )
            )
        ]
        self.write(_SUCCESS, *others)
        for evaluation in (_SUCCESS, *others):
            self.assertEqual(self.read_state(evaluation.key).best, evaluation)

    def test_tells_rungs_and_finalists_apart(self):
        early = dataclasses.replace(_SUCCESS, key=_RUNG, score=0.25)
        only_early = dataclasses.replace(early, genome=_C)
        finalist = dataclasses.replace(_SUCCESS, key=_FINALIST, score=0.5)
        self.write(_SUCCESS, early, only_early, finalist)
        state = self.read_state(_RUNG, _KEY, finalist_key=_FINALIST, num_finalists=1)
        self.assertEqual(state.evaluations, {_A: _SUCCESS, _C: only_early})
        self.assertEqual(state.earlier, {_A: (early,)})
        self.assertEqual(state.finalists, {_A: finalist})

    def test_keeps_learners_until_they_are_forgotten(self):
        early = dataclasses.replace(_SUCCESS, key=_RUNG, learner=b"theta" * 10_000)
        with self.open() as store:
            store.add_evaluation(early)
            store.add_evaluation(_FAILURE)
            self.assertEqual(store.read_learner(early), early.learner)
            self.assertEqual(store.read_learner(_FAILURE), b"")
            # Whoever reads the evaluations need not read megabytes.
            self.assertEqual(store.read_evaluations()[0].learner, b"")
            store.forget_learners()
            self.assertEqual(store.read_learner(early), b"")
            self.assertEqual(store.read_evaluations(), [early, _FAILURE])
        self.assertLess(os.path.getsize(self.path), len(early.learner))

    def test_a_closed_stage_stays_closed(self):
        self.write(_STAGE)
        with self.open() as store:
            store.close_stage(1)
        expected = dataclasses.replace(_STAGE, is_closed=True)
        self.assertEqual(self.read_state().stages, (expected,))

    def test_what_was_decided_first_stays(self):
        with self.open() as store:
            self.assertEqual(store.decide("num_finalists", 3), 3)
        with self.open() as store:
            self.assertEqual(store.decide("num_finalists", 5), 3)
            self.assertEqual(store.decide("another", 5), 5)

    def test_seconds_add_up(self):
        with self.open() as store:
            self.assertEqual(store.read_seconds_spent(), 0.0)
            store.add_evaluation(_SUCCESS, 1.5)
        with self.open() as store:
            store.add_evaluation(_FAILURE, 2.0)
            self.assertEqual(store.read_seconds_spent(), 3.5)

    def test_a_discarded_evaluation_takes_its_learner_along(self):
        early = dataclasses.replace(_SUCCESS, key=_RUNG, learner=b"theta")
        with self.open() as store:
            store.add_evaluation(early)
            store.discard_evaluations([early])
            self.assertEqual(store.read_learner(early), b"")
            store.add_evaluation(early)

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

    def test_is_opened_again_with_what_it_holds(self):
        self.write(_SUCCESS)
        self.assertEqual(self.open().read_evaluations(), [_SUCCESS])

    def test_leaves_one_file(self):
        self.write(_SUCCESS)
        self.assertEqual(os.listdir(self.run_dir), [STORE_FILE_NAME])


if __name__ == "__main__":
    absltest.main()
