import random
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.genomes.operation import PAPER_OPERATIONS
from autometa_tf.search import random_cells
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.evolution import EvolutionSearch, mutated
from autometa_tf.search.random_search import RandomSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.strategy import SearchFailedError
from autometa_tf.search.table_search import run_on_table
from autometa_tf.testing.fake_evaluator import (
    DEFAULT_KEY,
    FakeEvaluator,
    FakeTable,
    hash_score,
    structure_score,
)
from autometa_tf.testing.tiny_search import search

_FIELDS = {
    "search_strategy": "evolution",
    "max_num_blocks": 3,
    "beam_size": 20,
    "population_size": 12,
    "tournament_size": 4,
    "generation_size": 7,
}


def _strategy(seed=0, admits=lambda genome: True, **fields):
    return EvolutionSearch(SearchConfig(**_FIELDS | fields), seed, admits)


def _score(genome):
    """A score; every tenth genome or so fails."""
    return None if hash_score(genome, 2) < 0.1 else structure_score(genome, 0)


def _plain_evolution(seed, *, population, tournament, generation, budget):
    """Algorithm 1 of Real et al., written anew, on lists; every cell it trains."""
    blocks = [
        [
            (i1, o1, i2, o2)
            for n1, (i1, o1) in enumerate(halves)
            for (i2, o2) in halves[n1:]
        ]
        for halves in (
            [(i, o) for i in range(inputs) for o in PAPER_OPERATIONS]
            for inputs in (2, 3, 4)
        )
    ]

    def canonical(lists):
        return canonical_form(Genome(tuple(Block(*block) for block in lists)))

    alive, history, number = [], [], 0
    while len(history) < budget:
        number += 1
        stream = random.Random(f"{seed} {number}")
        size = min(generation, budget - len(history)) if history else population
        born = []
        while len(born) < size:
            if not history:
                child = canonical([stream.choice(each) for each in blocks])
            else:
                sampled = [
                    alive[int(stream.random() * len(alive))] for _ in range(tournament)
                ]
                best = sorted(sampled, key=lambda each: (-_score(each), each))[0]
                genes = [
                    [block.input1, block.operation1, block.input2, block.operation2]
                    for block in best.blocks
                ]
                where, half = stream.randrange(3), stream.randrange(2)
                if stream.randrange(2):
                    old = genes[where][2 * half + 1]
                    new = stream.choice(
                        [name for name in PAPER_OPERATIONS if name != old]
                    )
                    genes[where][2 * half + 1] = new
                else:
                    old = genes[where][2 * half]
                    new = stream.choice([i for i in range(where + 2) if i != old])
                    genes[where][2 * half] = new
                child = canonical(genes)
            if child not in history and child not in born:
                born.append(child)
        history += sorted(born)
        alive = [cell for cell in history if _score(cell) is not None][-population:]
    return history


class EvolutionTest(parameterized.TestCase):
    @parameterized.parameters(0, 1)
    def test_it_is_a_plain_simulation(self, seed):
        state = run_on_table(_strategy(seed), FakeTable(_score)).state
        found = [genome for stage in state.stages for genome in stage.genomes]
        # 55 and twice K, as PNAS has them.
        expected = _plain_evolution(
            seed, population=12, tournament=4, generation=7, budget=95
        )
        self.assertEqual(found, expected)
        self.assertLen(set(found), 95)

    @parameterized.parameters(1, 2, 3, 5)
    def test_it_trains_as_many_as_the_others(self, max_num_blocks):
        fields = {"max_num_blocks": max_num_blocks, "beam_size": 9}
        strategy = _strategy(**fields)
        state = run_on_table(strategy, FakeTable()).state
        (plan,) = RandomSearch(SearchConfig(**fields), 0).plan()
        self.assertLen(state.evaluations, plan.num_candidates)
        for genome in state.evaluations:
            self.assertEqual(genome.num_blocks, max_num_blocks)
            self.assertEqual(canonical_form(genome), genome)

    def test_it_finds_better_cells_than_random_search(self):
        table = FakeTable(lambda genome: structure_score(genome, 0))
        evolved, drawn = [], []
        for seed in range(3):
            config = SearchConfig(max_num_blocks=4, beam_size=20)
            for strategy, scores in (
                (EvolutionSearch(config, seed), evolved),
                (RandomSearch(config, seed), drawn),
            ):
                scores.append(run_on_table(strategy, table).best_scores[-1])
        self.assertGreater(sum(evolved), sum(drawn))

    def test_order_and_kills_change_nothing_where_stages_are_halved(self):
        shuffle_seed = 1
        key = DEFAULT_KEY
        last = type(key)(seed=0, outer_iterations=9, rung=9, num_episodes=2)
        plan = EvaluationPlan(
            keys=(type(key)(seed=0, outer_iterations=9, rung=3, num_episodes=2), last),
            finalist_key=type(key)(
                seed=0, outer_iterations=20, rung=20, num_episodes=2
            ),
            num_finalists=3,
        )
        small = {"beam_size": 4, "population_size": 6}

        def run(run_dir, evaluator):
            return search(run_dir, evaluator, _strategy(**small), plan=plan)

        class Killed(FakeEvaluator):
            def evaluation(self, request):
                if len(self.requests) > 30:
                    raise KeyboardInterrupt
                return super().evaluation(request)

        expected = run(self.create_tempdir().full_path, FakeEvaluator())
        run_dir = self.create_tempdir().full_path
        with self.assertRaises(KeyboardInterrupt):
            run(run_dir, Killed(shuffle_seed=shuffle_seed))
        state = run(run_dir, FakeEvaluator(shuffle_seed=shuffle_seed))
        self.assertEqual(state, expected)
        self.assertLen(state.finalists, 3)

    def test_cells_that_are_not_admitted_are_never_candidates(self):
        def admits(genome):
            return hash_score(canonical_form(genome), 5) < 0.5

        state = run_on_table(_strategy(admits=admits), FakeTable()).state
        self.assertLen(state.evaluations, 95)
        self.assertTrue(all(map(admits, state.evaluations)))
        with (
            mock.patch.object(random_cells, "_MAX_DRAWS_IN_VAIN", 100),
            self.assertRaisesRegex(SearchFailedError, "within `max_parameters`"),
        ):
            run_on_table(_strategy(admits=lambda genome: False), FakeTable())

    def test_a_mutation_changes_one_input_or_one_operation(self):
        genome = Genome((Block(0, "identity", 1, "conv3x3"),) * 2)
        generator, changed = random.Random(0), set()
        for _ in range(300):
            (differing,) = [
                (position, index)
                for position, (old, new) in enumerate(
                    zip(genome.blocks, mutated(genome, generator).blocks, strict=True)
                )
                for index, (a, b) in enumerate(
                    zip(sum(old.halves, ()), sum(new.halves, ()), strict=True)
                )
                if a != b
            ]
            changed.add(differing)
        self.assertLen(changed, 8)


if __name__ == "__main__":
    absltest.main()
