import dataclasses
import functools

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.expansion import expand_genome, one_block_genomes
from autometa_tf.predictors.ranking import ranking_quality
from autometa_tf.search.exploration import drawn_at_random
from autometa_tf.search.pnas import PnasSearch
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState
from autometa_tf.search.strategy import SearchFailedError
from autometa_tf.search.table_search import run_on_table
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY, FakeTable, hash_score
from autometa_tf.testing.fake_predictor import FakePredictor


def _search(predict=lambda genome: hash_score(genome, 1), **fields):
    predictor = FakePredictor(predict)
    return PnasSearch(SearchConfig(**fields), predictor), predictor


@functools.cache
def _trained(num_stages, failing=lambda genome: False, **fields):
    """The state of a search whose first stages are trained."""
    strategy, _ = _search(max_num_blocks=num_stages, **fields)
    table = FakeTable(lambda genome: None if failing(genome) else hash_score(genome, 0))
    return run_on_table(strategy, table).state


class PnasSearchTest(parameterized.TestCase):
    def test_first_stage_is_all_one_block_cells_whatever_the_beam(self):
        stage = _search(beam_size=3)[0].suggest(SearchState())
        self.assertEqual(stage.genomes, tuple(one_block_genomes()))
        self.assertIsNone(stage.predictions)

    def test_second_stage_is_what_is_predicted_best_of_5115(self):
        strategy, _ = _search(beam_size=3)
        stage = strategy.suggest(_trained(1))
        everything = {
            canonical_form(genome)
            for parent in one_block_genomes()
            for genome in expand_genome(parent)
        }
        best = sorted(everything, key=lambda genome: -hash_score(genome, 1))[:3]
        self.assertEqual(stage.genomes, tuple(sorted(best)))
        self.assertEqual(
            stage.predictions,
            tuple(hash_score(genome, 1) for genome in stage.genomes),
        )
        self.assertEqual((stage.num_expanded, stage.num_distinct), (6600, 5115))

    def test_cells_that_are_not_admitted_are_never_candidates(self):
        def admits(genome):
            return hash_score(genome, 7) < 0.4

        config = SearchConfig(max_num_blocks=3, beam_size=5)
        predictor = FakePredictor(lambda genome: hash_score(genome, 1))
        strategy = PnasSearch(config, predictor, admits)
        state = run_on_table(strategy, FakeTable()).state
        first = [genome for genome in one_block_genomes() if admits(genome)]
        self.assertEqual(state.stages[0].genomes, tuple(first))
        self.assertTrue(all(map(admits, state.evaluations)))
        self.assertLen(state.evaluations, len(first) + 5 + 5)

    def test_it_ends_where_no_larger_cell_is_admitted(self):
        config = SearchConfig(max_num_blocks=3, beam_size=5)
        predictor = FakePredictor(lambda genome: 0.5)

        def largest(num_blocks):
            return PnasSearch(
                config, predictor, lambda genome: genome.num_blocks <= num_blocks
            )

        self.assertLen(run_on_table(largest(2), FakeTable()).state.stages, 2)
        with self.assertRaisesRegex(SearchFailedError, "within `max_parameters`"):
            run_on_table(largest(0), FakeTable())

    def test_ties_go_to_the_smaller_genomes(self):
        strategy, predictor = _search(predict=lambda genome: 0.5, beam_size=7)
        stage = strategy.suggest(_trained(1))
        ((_, _, candidates),) = predictor.calls
        two_blocks = [genome for genome in candidates if genome.num_blocks == 2]
        self.assertEqual(stage.genomes, tuple(sorted(two_blocks)[:7]))

    def test_exploration_draws_a_share_that_its_seed_decides(self):
        def stages(seed):
            config = SearchConfig(max_num_blocks=3, beam_size=4, exploration=0.5)
            predictor = FakePredictor(lambda genome: hash_score(genome, 1))
            strategy = PnasSearch(config, predictor, seed=seed)
            return run_on_table(strategy, FakeTable()).state.stages

        _, second, third = stages(0)
        config = SearchConfig(beam_size=4, exploration=0.5)
        best = _search(beam_size=2)[0].suggest(_trained(1)).genomes
        drawn = drawn_at_random(second, config)
        self.assertCountEqual(second.genomes, (*best, *drawn))
        # What was drawn has children like the rest.
        self.assertEqual(third.num_expanded, 4 * 210)
        self.assertEqual(stages(0), stages(0))
        _, other, _ = stages(1)
        self.assertContainsSubset(best, other.genomes)
        self.assertNotEqual(drawn, drawn_at_random(other, config))

    def test_third_stage_grows_from_the_second_alone(self):
        _, beam, stage = _trained(3, beam_size=3).stages
        children = {
            canonical_form(child)
            for parent in beam.genomes
            for child in expand_genome(parent)
        }
        self.assertContainsSubset(stage.genomes, children)
        self.assertEqual(stage.num_expanded, 3 * 210)
        self.assertEqual(stage.num_distinct, len(children))

    def test_predictor_is_fitted_on_all_scores_so_far(self):
        strategy, predictor = _search()
        strategy.suggest(_trained(2, beam_size=3))
        ((genomes, scores, _),) = predictor.calls
        self.assertLen(genomes, 55 + 3)
        self.assertEqual(scores, [hash_score(genome, 0) for genome in genomes])

    def test_the_predictor_learns_from_scores_that_can_be_compared(self):
        state = _trained(2, beam_size=3)
        # What was trained further has a higher score, which says nothing of its rank.
        best = state.ranking[0]
        later = dataclasses.replace(best.key, outer_iterations=2, rung=2)
        further = dataclasses.replace(best, key=later, score=1.0)
        strategy, predictor = _search()
        stage = strategy.suggest(state.with_evaluation(further))
        ((genomes, scores, _),) = predictor.calls
        self.assertEqual(scores, [hash_score(genome, 0) for genome in genomes])
        self.assertEqual(stage, _search()[0].suggest(state))

    def test_tells_how_well_the_predictor_fits_the_stage_before(self):
        _, stage = _trained(2, beam_size=3).stages
        genomes = one_block_genomes()
        self.assertEqual(
            stage.fit_quality,
            ranking_quality(
                [hash_score(genome, 1) for genome in genomes],
                [hash_score(genome, 0) for genome in genomes],
            ),
        )

    def test_failures_enter_neither_predictor_nor_beam(self):
        good = set(one_block_genomes()[::9])
        strategy, predictor = _search(beam_size=500)
        state = _trained(1, failing=lambda genome: genome not in good)
        stage = strategy.suggest(state)
        self.assertEqual(set(predictor.calls[0][0]), good)
        self.assertEqual(stage.num_expanded, len(good) * 120)

    def test_fails_clearly_when_a_whole_stage_failed(self):
        with self.assertRaisesRegex(SearchFailedError, "All 55 .* stage 1 .* no score"):
            _trained(2, failing=lambda genome: True)

    def test_is_over_after_max_num_blocks(self):
        self.assertLen(_trained(2, beam_size=3).stages, 2)

    def test_refuses_to_go_on_before_a_stage_is_trained(self):
        strategy, _ = _search()
        first = strategy.suggest(SearchState())
        genome = first.genomes[0]
        evaluation = Evaluation(genome=genome, key=DEFAULT_KEY, score=0.5)
        state = SearchState(stages=(first,), evaluations={genome: evaluation})
        with self.assertRaisesRegex(ValueError, "54 pending"):
            strategy.suggest(state)

    def test_refuses_predictions_that_are_no_numbers(self):
        strategy, _ = _search(predict=lambda genome: np.nan)
        with self.assertRaisesRegex(ValueError, "0 finite"):
            strategy.suggest(_trained(1))


if __name__ == "__main__":
    absltest.main()
