"""Regularised evolution (Real et al. 2019), generation by generation."""

import itertools
import random
from collections.abc import Iterator, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.genomes.genome import NUM_CELL_INPUTS, Block, Genome
from autometa_tf.genomes.operation import PAPER_OPERATIONS
from autometa_tf.search.random_cells import (
    Admits,
    admit_all,
    equal_budget,
    random_cells,
)
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage, rank
from autometa_tf.search.strategy import (
    SearchFailedError,
    StagePlan,
    describe_failed_stage,
)

# Children one after the other that are known, after which others are drawn at random.
_MAX_CHILDREN_IN_VAIN = 1000


class EvolutionSearch:
    """Grows a population by mutation, in which the oldest die (Real et al. 2019).

    "Regularized Evolution for Image Classifier Architecture Search", algorithm 1: of a
    random sample of the population, drawn with replacement, the best becomes a parent,
    its mutated child joins the population, and the oldest leaves it. A mutation changes an operation or an input
    of one half of one block, with equal chances.

    Here a generation of children, which are a stage, come from the population as it was
    before it, so that neither the order in which they are evaluated nor the number of
    workers matters. Cells are in their canonical form, and none is trained twice. All
    have `max_num_blocks` blocks, and there are as many as PNAS trains.

    Args:
      config: How many cells of which size, and how large samples and generations are.
      seed: The seed of all that is drawn.
      admits: Which cells may be candidates.
    """

    def __init__(self, config: SearchConfig, seed: int, admits: Admits = admit_all):
        self._config = config
        self._seed = seed
        self._admits = admits

    def plan(self) -> tuple[StagePlan, ...]:
        """The first population, then generations of children up to the budget."""
        budget, config = equal_budget(self._config), self._config
        first = self._population_size
        sizes = [first]
        for done in range(first, budget, config.generation_size):
            sizes.append(min(config.generation_size, budget - done))
        return tuple(
            StagePlan(num_candidates=size, num_blocks=config.max_num_blocks)
            for size in sizes
        )

    @property
    def _population_size(self) -> int:
        """At most half of the budget, so that there is something to evolve."""
        half = max(1, equal_budget(self._config) // 2)
        return min(self._config.population_size, half)

    def suggest(self, state: SearchState) -> Stage | None:
        """The next generation, as `Strategy` has it."""
        number, plan = len(state.stages) + 1, self.plan()
        if number > len(plan):
            return None
        # A text as seed is hashed the same way everywhere.
        generator = random.Random(f"{self._seed} {number}")
        population = self._population(state)
        if state.stages and not population:
            raise SearchFailedError(describe_failed_stage(state))
        known = {genome for stage in state.stages for genome in stage.genomes}
        cells = self._children(generator, population, known)
        genomes = sorted(itertools.islice(cells, plan[number - 1].num_candidates))
        if not genomes and number == 1:
            raise SearchFailedError(
                f"No cell of {self._config.max_num_blocks} blocks was found within "
                "`max_parameters` and `max_multiply_adds`."
            )
        if not genomes:  # There is no other cell.
            return None
        return Stage(
            number=number,
            genomes=tuple(genomes),
            num_expanded=len(genomes),
            num_distinct=len(genomes),
        )

    def _population(self, state: SearchState) -> list[Evaluation]:
        """The youngest that have a score; of one generation the last by genome."""
        by_age = [
            found for stage in state.stages for found in state.successes_of(stage)
        ]
        return by_age[-self._population_size :]

    def _children(
        self,
        generator: random.Random,
        population: Sequence[Evaluation],
        known: set[Genome],
    ) -> Iterator[Genome]:
        """Yields new cells: children while any are found, then others at random."""
        known = set(known)
        size, in_vain = self._config.tournament_size, 0
        operations = self._config.operation_names
        while population and in_vain < _MAX_CHILDREN_IN_VAIN:
            parent = min(generator.choices(population, k=size), key=rank)
            child = canonical_form(mutated(parent.genome, generator, operations))
            in_vain += 1
            if child not in known and self._admits(child):
                known.add(child)
                in_vain = 0
                yield child
        num_blocks = self._config.max_num_blocks
        yield from random_cells(generator, num_blocks, operations, self._admits, known)


def mutated(
    genome: Genome,
    generator: random.Random,
    operations: Sequence[str] = PAPER_OPERATIONS,
) -> Genome:
    """The genome with one input, or one operation, of one half of a block another."""
    blocks = list(genome.blocks)
    position, half = generator.randrange(len(blocks)), generator.randrange(2)
    halves = list(blocks[position].halves)
    number, operation = halves[half]
    others = [name for name in operations if name != operation]
    if generator.randrange(2) and others:
        operation = generator.choice(others)
    else:
        inputs = range(NUM_CELL_INPUTS + position)
        number = generator.choice([other for other in inputs if other != number])
    halves[half] = number, operation
    blocks[position] = Block(*halves[0], *halves[1])
    return Genome(tuple(blocks))
