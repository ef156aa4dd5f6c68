"""What a search asks of those who choose its candidates."""

import dataclasses
from typing import Protocol

from autometa_tf.genomes.expansion import num_expansions, one_block_genomes
from autometa_tf.search.search_config import SearchConfig
from autometa_tf.search.state import SearchState, Stage


@dataclasses.dataclass(frozen=True, kw_only=True)
class StagePlan:
    """How large a stage will be at most, before it is chosen.

    Attributes:
      num_candidates: The number of candidates that it will train, at most.
      num_blocks: The number of blocks of its largest cells.
    """

    num_candidates: int
    num_blocks: int


class Strategy(Protocol):
    """Chooses what to train next.

    A search may be interrupted at any time, and goes on with a new strategy, made with
    the same arguments, that is asked about the stored state. Hence what both methods
    promise; `table_search.run_on_table` checks it of any strategy.
    """

    def plan(self) -> tuple[StagePlan, ...]:
        """The stages of the whole search, for estimates of the work left.

        It is always the same. The search may do less, and does not do more.
        """

    def suggest(self, state: SearchState) -> Stage | None:
        """The next stage, or None when the search is over.

        It does not change the state, and depends on nothing else: neither on what was
        suggested before nor on the order of the evaluations. The stage is the next by
        its number. Its cells are in their canonical form, and no stage had them before.

        Args:
          state: A state without pending candidates.

        Raises:
          SearchFailedError: The state leaves nothing to choose from.
        """


class SearchFailedError(RuntimeError):
    """A search that cannot go on."""


def plan_progressive_search(config: SearchConfig) -> tuple[StagePlan, ...]:
    """The stages of PNAS: all one-block cells, then a beam for each block more."""
    operations = config.operation_names
    sizes = [len(one_block_genomes(operations))]
    for num_blocks in range(1, config.max_num_blocks):
        following = sizes[-1] * num_expansions(num_blocks, operations)
        sizes.append(min(config.beam_size, following))
    return tuple(
        StagePlan(num_candidates=size, num_blocks=num_blocks)
        for num_blocks, size in enumerate(sizes, start=1)
    )


def describe_failed_stage(state: SearchState) -> str:
    """Says why a search can go no further after a stage of failures, or without one."""
    if not state.stages:
        return "The strategy has suggested no candidates."
    stage = state.stages[-1]
    reason = state.evaluations[stage.genomes[-1]].failure
    return (
        f"All {len(stage.genomes)} candidates of stage {stage.number} have failed. The "
        f"last one's reason: {reason}"
    )
