"""How far a search is, and how long it will still take."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterable

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.plain_text import duration, percent
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.state import SearchState, rank
from autometa_tf.search.strategy import StagePlan
from autometa_tf.search.throughput import Throughput
from autometa_tf.search.time_budget import TimeBudget


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
    """What there is to tell after each evaluation, and when a stage begins.

    Attributes:
      stage: The number of the stage in training; None for the finalists.
      num_stages: The number of stages of the whole search.
      rung: The rung of `latest`, where candidates are scored more than once; else None.
      stage_done: The number of the stage's evaluations that there are.
      stage_total: The number of evaluations of the whole stage: of candidates, where
        each is scored once.
      search_done: The number of the search's evaluations that there are.
      search_total: The number of the search's evaluations, later stages as planned.
      num_failures: The number of `search_done` that failed.
      best: The best evaluation so far; None before there is any.
      latest: The evaluation that has just come; None when a stage begins.
      stage_seconds_left: The time left for the stage as estimated, in seconds; None
        before there is an estimate.
      search_seconds_left: The time left for the search, likewise.
      prediction_quality: How well the stage's predictions, made before its training,
        rank its scores so far; None where nothing was predicted.
      num_running: The number of evaluations that run next, as far as workers are known.
    """

    stage: int | None
    num_stages: int
    rung: int | None = None
    stage_done: int
    stage_total: int
    search_done: int
    search_total: int
    num_failures: int
    best: Evaluation | None
    latest: Evaluation | None
    stage_seconds_left: float | None
    search_seconds_left: float | None
    prediction_quality: RankingQuality | None = None
    num_running: int = 0

    def __str__(self) -> str:
        """One line for people, such as a terminal's or a log's."""
        done = f"{self.stage_done}/{self.stage_total}"
        text = "finalists, candidate"
        if self.stage is not None:
            text = f"stage {self.stage}/{self.num_stages}, candidate"
        text += f" {done}"
        if self.rung is not None:
            text += f" at {self.rung:,}"
        latest = self.latest
        if latest is None:
            text += " begins" if not self.stage_done else " goes on"
        elif latest.succeeded:
            text += f": {percent(latest.score, latest.score_ci95)} {latest.genome}"
        else:
            text += f": failed ({latest.failure}) {latest.genome}"
        if self.best:
            text += f" | best {percent(self.best.score)}"
        return (
            f"{text} | left: stage {duration(self.stage_seconds_left)}, "
            f"search {duration(self.search_seconds_left)}"
        )


# A function that is told of every progress, and may print it, say.
ProgressReporter = Callable[[Progress], None]


class ProgressMeter:
    """Counts evaluations, and estimates the time left from their throughput.

    How much work there is, the plan says. Only what this process saw being evaluated
    tells about throughput, and only the time spent on it.

    Args:
      stages: The stages of the whole search.
      plan: How far candidates are trained.
      clock: A function that gives the time in seconds.
      budget: The time that the search may take, which bounds all estimates.
    """

    def __init__(
        self,
        stages: Iterable[StagePlan],
        plan: EvaluationPlan,
        clock: Callable[[], float] = time.monotonic,
        budget: TimeBudget | None = None,
    ):
        self._stages = tuple(stages)
        self._plan = plan
        self._clock = clock
        self._budget = budget
        self._seen = Throughput()
        self._seconds_seen = 0.0

    def begin_stage(self, state: SearchState) -> Progress:
        """Begins to count the last stage of the state, which goes into training."""
        stage = state.stages[-1]
        self._predicted = state if stage.predictions else None
        later = self._stages[stage.number :]
        self._stage = stage.number
        plan, num_candidates = self._plan, len(stage.genomes)
        curves = [state.curve(genome) for genome in stage.genomes]
        done = [evaluation for curve in curves for evaluation in curve]
        # Exact at the first rung, where all are; who reaches the next is not yet known.
        blocks = sum(genome.num_blocks for genome in stage.genomes) / num_candidates
        self._begin(
            state,
            num_done=len(done),
            total=sum(plan.num_reaching(num_candidates)),
            work=plan.stage_work(blocks, num_candidates) - sum(map(plan.work, done)),
        )
        self._later_total = plan.num_finalists + sum(
            sum(plan.num_reaching(planned.num_candidates)) for planned in later
        )
        self._later_work = self._finalists_work(plan.num_finalists) + sum(
            plan.stage_work(planned.num_blocks, planned.num_candidates)
            for planned in later
        )
        return self._progress(latest=None)

    def begin_finalists(self, state: SearchState) -> Progress:
        """Begins to count the finalists, whose number is decided."""
        self._stage, total = None, state.num_finalists
        self._predicted = None
        left = total - len(state.finalists)
        self._begin(
            state,
            num_done=len(state.finalists),
            total=total,
            work=self._finalists_work(left),
        )
        self._later_total = self._later_work = 0
        return self._progress(latest=None)

    def _begin(
        self, state: SearchState, *, num_done: int, total: int, work: float
    ) -> None:
        everything = [
            *state.evaluations.values(),
            *itertools.chain(*state.earlier.values()),
            *state.finalists.values(),
        ]
        self._stage_done, self._stage_total = num_done, total
        self._stage_work_left = work
        self._search_done = len(everything)
        self._best = state.best
        self._num_failures = sum(not found.succeeded for found in everything)
        self._last_time = self._clock()

    def add(self, evaluation: Evaluation) -> Progress:
        """Counts an evaluation that has come."""
        now = self._clock()
        self._seconds_seen += now - self._last_time
        self._last_time = now
        work = self._plan.work(evaluation)
        self._seen.add(evaluation, self._plan)
        self._stage_done += 1
        is_over = self._stage_done == self._stage_total
        left = 0.0 if is_over else max(0.0, self._stage_work_left - work)
        self._stage_work_left = left
        self._search_done += 1
        if self._predicted:
            self._predicted = self._predicted.with_evaluation(evaluation)
        if evaluation.succeeded:
            candidates = [self._best, evaluation] if self._best else [evaluation]
            self._best = min(candidates, key=rank)
        else:
            self._num_failures += 1
        return self._progress(latest=evaluation)

    def _finalists_work(self, number: int) -> float:
        blocks = max((planned.num_blocks for planned in self._stages), default=0)
        return self._plan.finalists_work(blocks, number)

    def _progress(self, latest: Evaluation | None) -> Progress:
        stage_seconds_left, search_seconds_left = self._seconds_left()
        has_rungs = len(self._plan.keys) > 1 and self._stage is not None
        left = self._stage_total - self._stage_done
        return Progress(
            stage=self._stage,
            num_stages=max(len(self._stages), self._stage or 0),
            rung=latest.key.rung if latest and has_rungs else None,
            stage_done=self._stage_done,
            stage_total=self._stage_total,
            search_done=self._search_done,
            search_total=self._search_done + left + self._later_total,
            num_failures=self._num_failures,
            best=self._best,
            latest=latest,
            stage_seconds_left=stage_seconds_left,
            search_seconds_left=search_seconds_left,
            prediction_quality=self._prediction_quality(),
        )

    def _seconds_left(self) -> tuple[float | None, float | None]:
        """For the stage and for the search; None before there is an estimate."""
        if not self._seen.count:
            return None, None
        num_left = self._stage_total - self._stage_done
        stage, later = (
            self._seconds_seen * self._seen.times_longer(count, work)
            for count, work in (
                (num_left, self._stage_work_left),
                (self._later_total, self._later_work),
            )
        )
        if self._budget is None:
            return stage, stage + later
        limit = self._budget.seconds_left
        of_stage = limit if self._stage is None else self._budget.stage_seconds_left
        stage = min(stage, of_stage)
        return stage, min(stage + later, limit)

    def _prediction_quality(self) -> RankingQuality | None:
        if self._predicted is None:
            return None
        return self._predicted.prediction_quality(self._predicted.stages[-1])
