"""A search strategy of one's own, tried against random search on a table of scores.

  python3 examples/own_strategy.py

Nothing is trained: a cell's score is made up from its text. With a table of real scores
(`candidates.csv` of a search that trained many cells) it is the same few lines.
"""

import hashlib
import sys

from autometa_tf.genomes.expansion import expand_beam, one_block_genomes
from autometa_tf.genomes.genome import Genome
from autometa_tf.search import (
    RandomSearch,
    SearchConfig,
    SearchState,
    Stage,
    StagePlan,
    run_on_table,
)


class GrowTheBest:
    """Trains all cells of one block, then the best one's extensions, as many as fit."""

    def __init__(self, max_num_blocks: int, beam_size: int):
        self._max_num_blocks = max_num_blocks
        self._beam_size = beam_size

    def plan(self) -> tuple[StagePlan, ...]:
        sizes = [len(one_block_genomes())] + [self._beam_size] * (
            self._max_num_blocks - 1
        )
        return tuple(
            StagePlan(num_candidates=size, num_blocks=number)
            for number, size in enumerate(sizes, start=1)
        )

    def suggest(self, state: SearchState) -> Stage | None:
        number = len(state.stages) + 1
        if number > self._max_num_blocks:
            return None
        cells = one_block_genomes()
        if state.stages:
            trained = state.successes_of(state.stages[-1])
            best = min(trained, key=lambda found: (-found.score, found.genome))
            cells = expand_beam([best.genome])
        size = self._beam_size if state.stages else len(cells)
        return Stage(
            number=number,
            genomes=tuple(sorted(cells[:size])),
            num_expanded=len(cells),
            num_distinct=len(cells),
        )


class MadeUpScores(dict):
    """The more wide convolutions the better, and some luck."""

    def __missing__(self, cell: Genome) -> float:
        luck = hashlib.sha256(str(cell).encode()).digest()[0] / 2550
        return 0.5 + 0.03 * str(cell).count("conv1x5") + luck


def main(max_num_blocks: int = 3, beam_size: int = 10) -> None:
    config = SearchConfig(max_num_blocks=max_num_blocks, beam_size=beam_size)
    for name, strategy in (
        ("GrowTheBest", GrowTheBest(max_num_blocks, beam_size)),
        ("RandomSearch", RandomSearch(config, 0)),
    ):
        found = run_on_table(strategy, MadeUpScores())
        print(
            f"{name}: {found.best_scores[-1]:.3f} after {len(found.best_scores)} cells, "
            f"{found.state.best.genome}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
