"""What successive halving chooses and costs, replayed on curves that are known."""

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.search.evaluation_plan import EvaluationPlan
from benchmarks.rank_intervals import interval

_NUM_POOLS = 40
_NUM_REPLAYS = 25


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How far cells are trained, and which share goes on.

    Attributes:
      rungs: Outer iterations, lowest first; with one rung all cells are trained in full.
      factor: One cell of so many goes on to the next rung.
    """

    rungs: tuple[int, ...]
    factor: int

    def counts(self, num_cells: int) -> tuple[int, ...]:
        """How many cells are trained to each rung, as a search does it."""
        return _counts(self.rungs, self.factor, num_cells)

    def cost(self, num_cells: int) -> int:
        """The outer iterations of all cells together."""
        steps = np.diff([0, *self.rungs])
        return int(np.dot(self.counts(num_cells), steps))

    def affordable(self, budget: int) -> int:
        """With how many cells it may begin, for a number of outer iterations."""
        return next(n for n in itertools.count(1) if self.cost(n + 1) > budget)

    def choice(self, scores: np.ndarray) -> int:
        """Which cell it ends with.

        Args:
          scores: float `[cells, rungs]`.
        """
        going = np.arange(len(scores))
        for rung, count in enumerate(self.counts(len(scores))):
            # Who was not among the best of the rung before is not trained to this one.
            if rung:
                order = np.argsort(-scores[going, rung - 1], kind="stable")
                going = going[order[:count]]
        return int(going[np.argmax(scores[going, -1])])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regret:
    """How much worse than the best of the pool the chosen cells are, in score.

    Attributes:
      schedule: What chose them.
      num_cells: With how many it began.
      cost: Its outer iterations.
      mean: The mean regret: the full score of the pool's best cell less the chosen's.
      low: The lower end of its 95% bootstrap interval over pools of cells.
      high: The upper end.
      lost: The mean of the same against the best of the cells it began with: what
        halving itself loses.
    """

    schedule: Schedule
    num_cells: int
    cost: int
    mean: float
    low: float | None
    high: float | None
    lost: float


def schedules(rungs: Sequence[int], factors: Sequence[int]) -> Iterator[Schedule]:
    """Full training, then all choices of lower rungs with all factors."""
    *lower, last = rungs
    yield Schedule((last,), factors[0])
    for count in range(1, len(lower) + 1):
        for chosen in itertools.combinations(lower, count):
            for factor in factors:
                yield Schedule((*chosen, last), factor)


def replay(
    schedule: Schedule, rungs: Sequence[int], scores: np.ndarray, budget: int
) -> Regret:
    """Lets a schedule choose among cells drawn from a pool, again and again.

    It draws with replacement as many cells as it can pay for. For the interval, pools
    are drawn of the pool in the same way.

    Args:
      schedule: What chooses.
      rungs: What the columns of `scores` are.
      scores: float `[cells, len(rungs)]`.
      budget: Outer iterations it may spend.

    Raises:
      ValueError: One cell alone costs more.
    """
    if schedule.cost(1) > budget:
        raise ValueError(
            f"`budget` must be at least {schedule.cost(1)}. Received: {budget}."
        )
    columns = [list(rungs).index(rung) for rung in schedule.rungs]
    scores = scores[:, columns]
    num_cells = schedule.affordable(budget)
    generator = np.random.default_rng(0)
    means, lost = [], []
    for number in range(_NUM_POOLS + 1):
        pool = scores
        if number:  # The first is the pool itself, whose mean is told.
            pool = scores[generator.integers(len(scores), size=len(scores))]
        num_replays = _NUM_REPLAYS if number else _NUM_REPLAYS * 20
        drawn = pool[generator.integers(len(pool), size=(num_replays, num_cells))]
        chosen = np.array([each[schedule.choice(each), -1] for each in drawn])
        means.append(float(np.mean(pool[:, -1].max() - chosen)))
        lost.append(float(np.mean(drawn[:, :, -1].max(axis=1) - chosen)))
    low, high = interval(means[1:])
    return Regret(
        schedule=schedule,
        num_cells=num_cells,
        cost=schedule.cost(num_cells),
        mean=means[0],
        low=low,
        high=high,
        lost=lost[0],
    )


@functools.cache
def _counts(rungs: tuple[int, ...], factor: int, num_cells: int) -> tuple[int, ...]:
    keys = tuple(
        EvaluationKey(seed=0, outer_iterations=rungs[-1], rung=rung, num_episodes=2)
        for rung in rungs
    )
    plan = EvaluationPlan(keys=keys, halving_factor=factor)
    return plan.num_reaching(num_cells)
