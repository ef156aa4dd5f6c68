import dataclasses
import itertools
import random

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.halving import (
    certain_to_go_on,
    evaluations_needed,
    finalists_needed,
)
from autometa_tf.search.state import SearchState, Stage

_KEY = EvaluationKey(seed=0, outer_iterations=9, rung=9, num_episodes=2)
_KEYS = tuple(dataclasses.replace(_KEY, rung=rung) for rung in (1, 3, 9))
_FINALIST = dataclasses.replace(_KEY, outer_iterations=20, rung=20)
_PLAN = EvaluationPlan(
    keys=_KEYS, halving_factor=3, finalist_key=_FINALIST, num_finalists=2
)
_GENOMES = tuple(one_block_genomes()[:10])
_STAGE = Stage(number=1, genomes=_GENOMES, num_expanded=10, num_distinct=10)
# The scores of ten candidates at three rungs, and one that diverges after the first.
_SCORES = {
    genome: tuple(random.Random(f"{number}").sample(range(100), 3))
    for number, genome in enumerate(_GENOMES)
}
_DIVERGES = max(_GENOMES, key=lambda genome: _SCORES[genome][0])


def _evaluation(genome, key):
    score = _SCORES[genome][_KEYS.index(key)] / 100 if key in _KEYS else 0.5
    failed = genome == _DIVERGES and key != _KEYS[0]
    return Evaluation(
        genome=genome,
        key=key,
        score=None if failed else score,
        failure="NaN" if failed else "",
    )


def _by_brute_force():
    """What halving evaluates, from its definition, with all scores at hand."""
    expected, reaching = set(), list(_GENOMES)
    for key, places in zip(_KEYS, (4, 2, 0), strict=True):
        expected |= {(genome, key) for genome in reaching}
        alive = [genome for genome in reaching if _evaluation(genome, key).succeeded]
        alive.sort(key=lambda genome: (-_evaluation(genome, key).score, genome))
        reaching = alive[:places]
    return expected


class EvaluationsNeededTest(parameterized.TestCase):
    def test_nothing_before_the_first_stage(self):
        self.assertEmpty(list(evaluations_needed(SearchState(), _PLAN)))

    def test_all_candidates_begin_at_the_first_rung(self):
        found = list(evaluations_needed(SearchState(stages=(_STAGE,)), _PLAN))
        self.assertEqual(found, [(genome, _KEYS[0]) for genome in _GENOMES])

    @parameterized.parameters(*range(30))
    def test_any_order_of_completion_evaluates_the_same(self, seed):
        generator = random.Random(seed)
        state, done = SearchState(stages=(_STAGE,)), set()
        while needed := list(evaluations_needed(state, _PLAN)):
            self.assertNoCommonElements(needed, done)
            asked_for = generator.choice(needed)
            done.add(asked_for)
            state = state.with_evaluation(_evaluation(*asked_for))
        self.assertEqual(done, _by_brute_force())

    def test_who_is_certain_need_not_wait_for_the_rest(self):
        # Of ten four go on. With one left to come, the three best of nine are certain.
        state = SearchState(stages=(_STAGE,))
        for genome in _GENOMES[:9]:
            state = state.with_evaluation(_evaluation(genome, _KEYS[0]))
        ranked = sorted(_GENOMES[:9], key=lambda genome: -_SCORES[genome][0])
        self.assertCountEqual(
            evaluations_needed(state, _PLAN),
            [(_GENOMES[9], _KEYS[0]), *((each, _KEYS[1]) for each in ranked[:3])],
        )

    def test_certain_ones_go_on_whatever_the_rest_score(self):
        genomes = _GENOMES[:6]
        for order in itertools.permutations((10, 20, 30, 40, 50, 60)):
            scores = dict(zip(genomes, order, strict=True))
            ranked = sorted(genomes, key=lambda genome: -scores[genome])
            done = [
                Evaluation(genome=genome, key=_KEYS[0], score=scores[genome] / 100)
                for genome in genomes[:4]
            ]
            certain = certain_to_go_on(done, num_unknown=2, num_going_on=3)
            self.assertLen(certain, 1)
            self.assertContainsSubset(certain, ranked[:3])


class FinalistsNeededTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.state = SearchState(stages=(_STAGE,))
        while needed := list(evaluations_needed(self.state, _PLAN)):
            self.state = self.state.with_evaluation(_evaluation(*needed[0]))

    def test_those_that_came_furthest_are_the_best(self):
        last = [genome for genome, key in _by_brute_force() if key == _KEYS[2]]
        self.assertLen(last, 2)
        self.assertCountEqual(
            finalists_needed(self.state, _PLAN),
            [(genome, _FINALIST) for genome in last],
        )

    def test_who_has_an_evaluation_needs_none(self):
        first, second = [genome for genome, _ in finalists_needed(self.state, _PLAN)]
        done = {first: _evaluation(first, _FINALIST)}
        state = dataclasses.replace(self.state, finalists=done)
        self.assertEqual(finalists_needed(state, _PLAN), [(second, _FINALIST)])

    def test_there_may_be_none(self):
        plan = dataclasses.replace(_PLAN, finalist_key=None, num_finalists=0)
        self.assertEmpty(finalists_needed(self.state, plan))


if __name__ == "__main__":
    absltest.main()
