import dataclasses
import doctest
import itertools

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import (
    expand_beam,
    num_expansions,
    one_block_genomes,
)
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.search import table_search
from autometa_tf.search.state import SearchState, Stage, rank
from autometa_tf.search.strategy import SearchFailedError, StagePlan
from autometa_tf.search.table_search import BrokenPromiseError, run_on_table
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY, FakeTable, hash_score

_ONES = one_block_genomes()


class GreedySearch:
    """Tries all cells of one block, then all that grow from the best one, and so on."""

    def __init__(self, num_stages: int = 3):
        self._num_stages = num_stages

    def plan(self) -> tuple[StagePlan, ...]:
        sizes = [len(_ONES), *map(num_expansions, range(1, self._num_stages))]
        return tuple(
            StagePlan(num_candidates=size, num_blocks=number)
            for number, size in enumerate(sizes, start=1)
        )

    def suggest(self, state: SearchState) -> Stage | None:
        number = len(state.stages) + 1
        if number > self._num_stages:
            return None
        genomes = _ONES if number == 1 else expand_beam([self.parent(state)])
        return _stage(number, genomes)

    def parent(self, state: SearchState) -> Genome:
        return min(state.successes_of(state.stages[-1]), key=rank).genome


def _stage(number: int, genomes: list[Genome]) -> Stage:
    count = len(genomes)
    return Stage(
        number=number, genomes=tuple(genomes), num_expanded=count, num_distinct=count
    )


class RunOnTableTest(parameterized.TestCase):
    def test_a_greedy_search_climbs_as_the_table_says(self):
        best = max(_ONES, key=lambda genome: hash_score(genome, 0))
        evaluated = list(_ONES)
        for _ in range(2):
            children = expand_beam([best])
            evaluated += children
            best = max(children, key=lambda genome: hash_score(genome, 0))
        scores = [hash_score(genome, 0) for genome in evaluated]
        expected = tuple(itertools.accumulate(scores, max))
        found = run_on_table(GreedySearch(), FakeTable())
        self.assertEqual(list(found.state.evaluations), evaluated)
        self.assertEqual(found.best_scores, expected)
        self.assertEqual(found.state.best.score, expected[-1])

    def test_the_worked_example_works(self):
        result = doctest.testmod(table_search)
        self.assertGreater(result.attempted, 5)
        self.assertEqual(result.failed, 0)

    def test_what_the_table_says_has_failed_is_a_failure(self):
        table = {genome: 0.5 for genome in _ONES} | {_ONES[0]: None}
        found = run_on_table(GreedySearch(1), table)
        self.assertFalse(found.state.evaluations[_ONES[0]].succeeded)
        self.assertEqual(found.best_scores, (None, *[0.5] * 54))

    def test_a_cell_that_is_not_in_the_table_is_refused(self):
        table = {genome: 0.5 for genome in _ONES[:-1]}
        with self.assertRaisesRegex(ValueError, "`table` must .* Received none: "):
            run_on_table(GreedySearch(), table)

    def test_fails_as_a_search_does_when_everything_fails(self):
        with self.assertRaisesRegex(SearchFailedError, "All 55 .* no score for it"):
            run_on_table(GreedySearch(1), dict.fromkeys(_ONES))


class _ChangesTheState(GreedySearch):
    def suggest(self, state):
        stage = super().suggest(state)
        genome = stage.genomes[0]
        state.evaluations[genome] = Evaluation(
            genome=genome, key=DEFAULT_KEY, score=1.0
        )
        return stage


class _ThrowsDice(GreedySearch):
    calls = 0

    def suggest(self, state):
        self.calls += 1
        return _stage(len(state.stages) + 1, [_ONES[self.calls]])


class _HeedsTheOrder(GreedySearch):
    def parent(self, state):
        return next(iter(state.evaluations))


class _Remembers(GreedySearch):
    """Never goes back to fewer candidates than it has once suggested."""

    least = 0

    def suggest(self, state):
        if (stage := super().suggest(state)) is None:
            return None
        count = max(2 * stage.number, self.least)
        self.least = count
        return _stage(stage.number, list(stage.genomes[:count]))


class _ChangesItsPlan(GreedySearch):
    def suggest(self, state):
        self._num_stages = 2 if state.stages else 3
        return super().suggest(state)


class _SaysWhat(GreedySearch):
    """Suggests what it was made with, after the first stage."""

    def __init__(self, what, num_stages=2):
        super().__init__(num_stages)
        self._what = what

    def suggest(self, state):
        return self._what if state.stages else super().suggest(state)


_TWO_BLOCKS = expand_beam(_ONES[:1])
_NOT_CANONICAL = Genome((Block(1, "conv3x3", 0, "identity"),))


class BrokenPromiseTest(parameterized.TestCase):
    @parameterized.named_parameters(
        ("changed_state", _ChangesTheState(), "must not change the state"),
        ("chance", _ThrowsDice(), "must suggest the same stage for the same state"),
        ("order", _HeedsTheOrder(), "whatever the order"),
        ("memory", _Remembers(), "must not remember .* another stage 2"),
        ("plan", _ChangesItsPlan(), r"must always have the same plan\(\)"),
        ("no_stage", _SaysWhat(_TWO_BLOCKS), "must suggest a Stage"),
        ("an_empty_list", _SaysWhat([]), "must suggest a Stage"),
        ("number", _SaysWhat(_stage(3, _TWO_BLOCKS)), "number its stage 2.*: 3"),
        ("repetition", _SaysWhat(_stage(2, _ONES[:1])), "a second time"),
        (
            "more_stages",
            _SaysWhat(_stage(2, _TWO_BLOCKS), num_stages=1),
            "more stages than it has planned. Received: stage 2 of 1",
        ),
        (
            "more_candidates",
            _SaysWhat(_stage(2, expand_beam(_ONES[:2]))),
            "more candidates than it has planned",
        ),
        (
            "more_blocks",
            _SaysWhat(_stage(2, expand_beam(_TWO_BLOCKS[:1])[:9])),
            "more than the 2 blocks",
        ),
        ("form", _SaysWhat(_stage(2, [_NOT_CANONICAL])), "canonical form"),
    )
    def test_is_caught(self, strategy, message):
        with self.assertRaisesRegex(BrokenPromiseError, message):
            run_on_table(strategy, FakeTable())

    def test_a_stage_that_contradicts_itself_cannot_be_made(self):
        with self.assertRaisesRegex(ValueError, "distinct and sorted"):
            dataclasses.replace(_stage(1, _ONES[:2]), genomes=(_ONES[0], _ONES[0]))


if __name__ == "__main__":
    absltest.main()
