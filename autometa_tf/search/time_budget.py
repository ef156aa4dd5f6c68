"""How the time that a search may take is divided among its stages and finalists.

The clock decides here, and so every decision is stored before it is acted on: a stage is
closed in the store, and the number of finalists kept there. A search that goes on finds
them, and does not ask the clock again.
"""

import math
import time
from collections.abc import Callable

from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState
from autometa_tf.search.throughput import Throughput


class TimeBudget:
    """Measures the time that a search has taken, in all sittings, and divides what is left.

    Each stage to come, and the finalists, have an equal part of the time left; what one
    does not need the later ones have.

    Args:
      hours: The time that the search may take; None: as long as it needs.
      spent_seconds: What it had taken before.
      num_stages: The number of its stages.
      plan: How far its candidates are trained.
      clock: A function that gives the time in seconds.
    """

    def __init__(
        self,
        hours: float | None,
        spent_seconds: float,
        num_stages: int,
        plan: EvaluationPlan,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._total = math.inf if hours is None else 3600 * hours
        self._spent = spent_seconds
        self._num_stages = num_stages
        self._plan = plan
        self._clock = clock
        self._last_time = clock()
        # When no more of the stage's candidates begin, and when all of it should end.
        self._stage_closes = self._stage_ends = math.inf

    def lap(self) -> float:
        """The seconds since it was last asked, which count as spent from now on."""
        now = self._clock()
        seconds, self._last_time = now - self._last_time, now
        self._spent += seconds
        return seconds

    @property
    def seconds_left(self) -> float:
        """What is left of the time; infinity without a limit."""
        return max(0.0, self._total - self._spent)

    @property
    def is_spent(self) -> bool:
        """Whether no time is left."""
        return not self.seconds_left

    def begin_stage(self, number: int) -> None:
        """Gives a stage its part of the time left.

        Where few of its candidates go on to later rungs, these have their share of it.
        """
        parts = max(1, self._num_stages - number + 1)
        parts += self._plan.num_finalists > 0
        part, share = self.seconds_left / parts, self._plan.first_rung_share
        self._stage_closes = self._spent + share * part
        self._stage_ends = self._spent + part

    @property
    def stage_seconds_left(self) -> float:
        """What is left of the stage's part; infinity without a limit."""
        return max(0.0, self._stage_ends - self._spent)

    @property
    def stage_is_over(self) -> bool:
        """Whether the time is over in which the stage's candidates may begin."""
        return self._spent >= self._stage_closes

    def num_finalists(self, state: SearchState) -> int:
        """How many finalists there is time for, by what the candidates took.

        One alone would choose nothing: then there is none.
        """
        wanted = min(self._plan.num_finalists, len(state.successes))
        if not wanted or math.isinf(self._total):
            return wanted
        seen = Throughput()
        for genome in state.evaluations:
            for found in state.curve(genome):
                seen.add(found, self._plan)
        blocks = max(found.genome.num_blocks for found in state.ranking[:wanted])
        work = self._plan.finalists_work(blocks, 1)
        seconds_each = self._spent * seen.times_longer(1, work)
        affordable = min(wanted, int(self.seconds_left / seconds_each))
        return affordable if affordable > 1 else 0
