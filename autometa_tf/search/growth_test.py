"""A search that goes on with another configuration ends as one that was begun so."""

import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.search.configurations import Configuration
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.loop import run_search
from autometa_tf.search.state import Stage
from autometa_tf.search.store import open_store
from autometa_tf.search.strategy import StagePlan
from autometa_tf.testing.fake_evaluator import FakeEvaluator, hash_score

_FIRST = tuple(one_block_genomes()[:9])


@dataclasses.dataclass(frozen=True)
class _Config:
    """K, B, how far candidates are trained, and which of them further."""

    beam: int = 3
    blocks: int = 2
    length: int = 9
    halved: bool = False
    finalists: int = 0

    @property
    def configuration(self):
        by = dataclasses.replace(self, blocks=0, finalists=0)
        return Configuration(fields=repr(self), stages_by=repr(by))

    @property
    def plan(self):
        last = EvaluationKey(
            seed=0, outer_iterations=self.length, rung=self.length, num_episodes=2
        )
        rungs = (self.length // 3, self.length) if self.halved else (self.length,)
        long = dataclasses.replace(last, outer_iterations=99, rung=99)
        return EvaluationPlan(
            keys=tuple(dataclasses.replace(last, rung=rung) for rung in rungs),
            finalist_key=long if self.finalists else None,
            num_finalists=self.finalists,
        )


class _Search:
    """Like PNAS, with few first cells, and all scores so far count in a choice."""

    def __init__(self, config):
        self._config = config
        self.asked_for = []

    def plan(self):
        sizes = [len(_FIRST), *[self._config.beam] * (self._config.blocks - 1)]
        return tuple(
            StagePlan(num_candidates=size, num_blocks=number)
            for number, size in enumerate(sizes, start=1)
        )

    def suggest(self, state):
        number = len(state.stages) + 1
        self.asked_for.append(number)
        if number > self._config.blocks:
            return None
        found, predictions = _FIRST, None
        if state.stages:
            trained = state.successes_of(state.stages[-1])
            cells = expand_beam(sorted(each.genome for each in trained)[:2])
            total = int(1e6 * sum(each.score for each in state.successes))
            predicted = {cell: hash_score(cell, total) for cell in cells}
            found = sorted(sorted(cells, key=predicted.get)[: self._config.beam])
            predictions = tuple(predicted[cell] for cell in found)
        return Stage(
            number=number,
            genomes=tuple(found),
            predictions=predictions,
            num_expanded=99_999,
            num_distinct=9_999,
        )


class _Evaluator(FakeEvaluator):
    """Another score for every key; a tenth fails; interrupted after a few."""

    def __init__(self, until=None):
        super().__init__()
        self._until = until

    def evaluation(self, request):
        if self._until is not None and len(self.requests) > self._until:
            raise KeyboardInterrupt
        key = request.key
        found = super().evaluation(request)
        if hash_score(request.genome, 2) < 0.1:
            return dataclasses.replace(found, score=None, failure="NaN", learner=b"")
        score = hash_score(request.genome, 100 * key.outer_iterations + key.rung)
        return dataclasses.replace(found, score=score)


_SMALL = _Config()
_PATHS = {
    "more_blocks": [_SMALL, _Config(blocks=4)],
    "larger_beam": [_Config(blocks=3), _Config(blocks=3, beam=6)],
    "smaller_and_back": [_Config(blocks=3, beam=5), _SMALL, _Config(blocks=3, beam=5)],
    "longer": [_SMALL, _Config(length=27)],
    "halved": [_Config(halved=True), _Config(halved=True, beam=7, blocks=3)],
    "halved_longer": [_Config(halved=True), _Config(halved=True, length=27)],
    "halved_later": [_SMALL, _Config(halved=True, blocks=3)],
    "not_halved_later": [_Config(halved=True, blocks=3), _SMALL],
    "finalists": [_Config(finalists=2), _Config(finalists=4, beam=5)],
    "fewer_finalists": [_Config(finalists=4), _Config(finalists=2)],
    "all": [
        _Config(halved=True, finalists=2),
        _Config(halved=True, finalists=3, beam=6, blocks=4),
        _Config(finalists=3, length=27, blocks=3),
    ],
}


class GrowthTest(parameterized.TestCase):
    def search(self, run_dir, config, evaluator=None):
        """Runs a search; returns its state and its strategy."""
        strategy = _Search(config)
        with open_store(run_dir) as store:
            store.begin_configuration(config.configuration)
            state = run_search(
                strategy, evaluator or _Evaluator(), store, plan=config.plan
            )
        return state, strategy

    def new_run_dir(self):
        return self.create_tempdir().full_path

    def fresh(self, config):
        return self.search(self.new_run_dir(), config)[0]

    @parameterized.named_parameters(*((name, *path) for name, path in _PATHS.items()))
    def test_it_ends_as_a_search_that_was_begun_so(self, *path):
        run_dir, requests = self.new_run_dir(), []
        for config in path:
            evaluator = _Evaluator()
            state, _ = self.search(run_dir, config, evaluator)
            requests += [(each.genome, each.key) for each in evaluator.requests]
        self.assertEqual(state, self.fresh(path[-1]))
        # Nothing is evaluated twice.
        self.assertLen(set(requests), len(requests))

    @parameterized.named_parameters(
        ("larger_beam", *_PATHS["larger_beam"]),
        ("all", *_PATHS["all"]),
        ("not_halved_later", *_PATHS["not_halved_later"]),
    )
    def test_killed_again_and_again_it_ends_the_same(self, *path):
        run_dir = self.new_run_dir()
        for config in path:
            is_last = config == path[-1]
            for _ in range(99 if is_last else 2):  # An earlier one need not end.
                try:
                    state, _ = self.search(run_dir, config, _Evaluator(until=3))
                    break
                except KeyboardInterrupt:
                    pass
        self.assertEqual(state, self.fresh(path[-1]))

    def test_stages_that_nothing_changes_for_are_not_chosen_again(self):
        run_dir = self.new_run_dir()
        small, large, beam = _SMALL, _Config(blocks=4), _Config(blocks=4, beam=5)
        self.assertEqual(self.search(run_dir, small)[1].asked_for, [1, 2, 3])
        self.assertEqual(self.search(run_dir, large)[1].asked_for, [3, 4, 5])
        self.assertEqual(self.search(run_dir, beam)[1].asked_for, [1, 2, 3, 4, 5])
        # Back again nothing is chosen anew, and the end is found at once.
        self.assertEqual(self.search(run_dir, large)[1].asked_for, [5])

    def test_what_was_chosen_before_is_kept(self):
        run_dir = self.new_run_dir()
        before, _ = self.search(run_dir, _SMALL)
        self.search(run_dir, _Config(beam=5))
        with open_store(run_dir) as store:
            self.assertEqual(store.read_earlier_stages(), [list(before.stages)])
            evaluations = {found.genome for found in store.read_evaluations()}
        self.assertContainsSubset(before.evaluations, evaluations)

    def test_a_search_that_never_grew_has_no_history(self):
        run_dir = self.new_run_dir()
        self.search(run_dir, _SMALL)
        self.search(run_dir, _SMALL)
        with open_store(run_dir) as store:
            self.assertEqual(store.read_earlier_stages(), [])


if __name__ == "__main__":
    absltest.main()
