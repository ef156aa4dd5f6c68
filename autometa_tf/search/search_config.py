"""How a search chooses its candidates, and when it gives up."""

import dataclasses
import math
from typing import Literal

from autometa_tf.field_checks import check_at_least, check_choices
from autometa_tf.genomes.genome import MAX_NUM_BLOCKS
from autometa_tf.genomes.operation import OPERATIONS, PAPER_OPERATIONS

# A hundred times the paper's, and far fewer than there are cells of three blocks, so
# that random search never looks for more cells than there are.
MAX_BEAM_SIZE = 10_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """How candidates are chosen, and how many. Defaults: Table A1.

    Attributes:
      search_strategy: How the search chooses its candidates: `pnas` grows cells block
        by block with a predictor's help, `random` draws as many cells at random, and
        `evolution` as many by regularised evolution.
      max_num_blocks: The number of blocks of the largest cells (B in Table A1).
      beam_size: The number of cells that each stage after the first trains (K in
        Table A1).
      exploration: The share of those that `pnas` draws at random from all cells with one
        block more, in place of the predictor's choice; at least 0 and below 1. The paper
        has none. A predictor that is alone in choosing sees ever more of what it prefers, and
        never learns what it is wrong about (results/search_omniglot/README.md).
      operations: What blocks may be made of, names with commas between them: the
        paper's five, and sep_conv3x3, sep_conv5x5, dil_conv3x3 (as of PNAS, Liu et al.
        2018, table 1) and conv1x1. With more operations there are more cells of one
        block, all of which `pnas` trains.
      max_parameters: The largest number of weights that a candidate's network may have.
        Where it is not given, it may have any.
      max_multiply_adds: The largest number of multiplications, each with its addition,
        that a candidate's network may need for one image. What time they take on a
        device, `export --measure` tells of a network; the number is the same on all.
        With 10 filters the paper's Figure 1 cell needs 2.2 million for 28x28 pixels, 5.3
        million for 84x84. Where it is not given, it may need any.
      population_size: The number of youngest cells that are the population of
        `evolution`, at most half of all that it trains.
      tournament_size: The number of them of which the best becomes a parent.
      generation_size: The number of children that are trained before any of them can
        become a parent.
      scoring_split: The split whose classes score candidates. `test` is the paper's
        literal reading; the test score of the winner is then not that of unseen
        classes.
      ranking_inner_iterations: The number of inner iterations on each episode when a
        candidate is scored. To rank candidates 5 do as well as 50, which an accuracy
        needs (results/bank/scoring_steps.md). Where it is not given, it is
        `scoring_inner_iterations`, as in the paper.
      halving_rungs: The number of times that a stage's candidates are scored before
        the end of their training, after each of which only the best go on (successive
        halving). With 0 all are trained to the end, as in the paper.
      halving_factor: How many candidates there are for each that goes on, at least 2;
        each rung has as many times the outer iterations of the one before.
      num_finalists: The number of best candidates that are trained and scored once
        more, for longer, to choose the winner among them. With 0 the best candidate is
        the winner, as in the paper.
      finalist_factor: How many times the outer iterations of a candidate a finalist is
        trained for, at least 2.
      num_finalist_episodes: The number of episodes that they are scored on, at least 2.
      time_budget_hours: The hours that the search may take in all its sittings, without
        the full training that follows. Stages and finalists have equal parts of the
        time left, and when a stage's is over no more of its candidates begin. Where it
        is not given, the search takes as long as it needs.
      max_consecutive_failures: The number of candidates that may fail one after the
        other before the search stops.

    Raises:
      ValueError: A field is out of its range.
    """

    search_strategy: Literal["pnas", "random", "evolution"] = "pnas"
    max_num_blocks: int = 5
    beam_size: int = 100
    exploration: float = 0.0
    operations: str = ",".join(PAPER_OPERATIONS)
    max_parameters: int | None = None
    max_multiply_adds: int | None = None
    population_size: int = 50
    tournament_size: int = 10
    generation_size: int = 10
    scoring_split: Literal["validation", "test"] = "validation"
    ranking_inner_iterations: int | None = None
    halving_rungs: int = 0
    halving_factor: int = 3
    num_finalists: int = 0
    finalist_factor: int = 3
    num_finalist_episodes: int = 1000
    time_budget_hours: float | None = None
    max_consecutive_failures: int = 10

    def __post_init__(self):
        check_choices(self)
        check_at_least(
            self,
            max_parameters=1,
            max_multiply_adds=1,
            population_size=1,
            tournament_size=1,
            generation_size=1,
            ranking_inner_iterations=1,
            halving_rungs=0,
            halving_factor=2,
            num_finalists=0,
            finalist_factor=2,
            num_finalist_episodes=2,
            max_consecutive_failures=1,
        )
        names = self.operation_names
        if len(set(names)) != len(names) or not set(names) <= set(OPERATIONS):
            raise ValueError(
                "`operations` must be different ones of "
                f"{', '.join(OPERATIONS)}. Received: {self.operations!r}."
            )
        if not 0 <= self.exploration < 1:
            raise ValueError(
                "`exploration` must be at least 0 and below 1. "
                f"Received: {self.exploration}."
            )
        hours = self.time_budget_hours
        if hours is not None and not 0 < hours < math.inf:
            raise ValueError(
                f"`time_budget_hours` must be above 0 and finite. Received: {hours}."
            )
        for name, upper in (
            ("max_num_blocks", MAX_NUM_BLOCKS),
            ("beam_size", MAX_BEAM_SIZE),
        ):
            if not 1 <= getattr(self, name) <= upper:
                raise ValueError(
                    f"`{name}` must be 1 to {upper}. Received: {getattr(self, name)}."
                )

    @property
    def operation_names(self) -> tuple[str, ...]:
        """`operations`, one by one."""
        return tuple(name.strip() for name in self.operations.split(","))
