"""How a search chooses its candidates, and when it gives up."""

import dataclasses
from typing import Literal

from autometa_tf.field_checks import check_at_least, check_choices
from autometa_tf.genomes.genome import MAX_NUM_BLOCKS

# A hundred times the paper's, and far fewer than there are cells of three blocks, so
# that random search never looks for more cells than there are.
MAX_BEAM_SIZE = 10_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """How candidates are chosen, and how many. Defaults: Table A1.

    Attributes:
      search_strategy: How the search chooses its candidates: `pnas` grows cells block
        by block with a predictor's help, `random` draws as many cells at random.
      max_num_blocks: The number of blocks of the largest cells (B in Table A1).
      beam_size: The number of cells that each stage after the first trains (K in
        Table A1).
      scoring_split: The split whose classes score candidates. `test` is the paper's
        literal reading; the test score of the winner is then not that of unseen
        classes.
      max_consecutive_failures: The number of candidates that may fail one after the
        other before the search stops.

    Raises:
      ValueError: A field is out of its range.
    """

    search_strategy: Literal["pnas", "random"] = "pnas"
    max_num_blocks: int = 5
    beam_size: int = 100
    scoring_split: Literal["validation", "test"] = "validation"
    max_consecutive_failures: int = 10

    def __post_init__(self):
        check_choices(self)
        check_at_least(self, max_consecutive_failures=1)
        for name, upper in (
            ("max_num_blocks", MAX_NUM_BLOCKS),
            ("beam_size", MAX_BEAM_SIZE),
        ):
            if not 1 <= getattr(self, name) <= upper:
                raise ValueError(
                    f"`{name}` must be 1 to {upper}. Received: {getattr(self, name)}."
                )
