import random

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.search.pareto import ParetoCell, pareto_set
from autometa_tf.testing.fake_evaluator import DEFAULT_KEY

_GENOMES = one_block_genomes()


def _evaluation(index, score, num_parameters, seconds):
    return Evaluation(
        genome=_GENOMES[index],
        key=DEFAULT_KEY,
        score=score,
        failure="" if score is not None else "NaN",
        num_parameters=num_parameters,
        scoring_seconds=seconds,
    )


class ParetoTest(parameterized.TestCase):
    @parameterized.parameters(0, 1, 2)
    def test_it_is_what_comparing_all_with_all_leaves(self, seed):
        # Few values, so that many are equal in one respect and some in all.
        draw = random.Random(seed).randrange
        rows = [(draw(5) / 4, draw(5), float(draw(5))) for _ in _GENOMES]
        expected = {
            index
            for index, (score, size, time) in enumerate(rows)
            if not any(
                s >= score and p <= size and t <= time and (s, p, t) != rows[index]
                for s, p, t in rows
            )
        }
        found = pareto_set(_evaluation(i, *row) for i, row in enumerate(rows))
        self.assertEqual({_GENOMES.index(cell.genome) for cell in found}, expected)
        scores = [cell.score for cell in found]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_time_is_that_of_one_episode(self):
        (cell,) = pareto_set([_evaluation(0, 0.5, 7, 3.0), _evaluation(1, None, 0, 0)])
        self.assertEqual(
            cell,
            ParetoCell(
                genome=_GENOMES[0],
                score=0.5,
                num_parameters=7,
                seconds_per_episode=3.0 / DEFAULT_KEY.num_episodes,
            ),
        )


if __name__ == "__main__":
    absltest.main()
