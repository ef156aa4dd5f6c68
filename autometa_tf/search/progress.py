"""How far a search is, and how long it will still take."""

import dataclasses
import time
from collections.abc import Callable, Iterable

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome
from autometa_tf.plain_text import duration, percent
from autometa_tf.search.state import SearchState, rank
from autometa_tf.search.strategy import StagePlan


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
    """What there is to tell after each evaluation, and when a stage begins.

    Attributes:
      stage: The number of the stage in training.
      num_stages: The number of stages of the whole search.
      stage_done: The number of the stage's candidates that have their evaluation.
      stage_total: The number of the stage's candidates.
      search_done: The number of the search's candidates that have their evaluation.
      search_total: The number of the search's candidates, later stages as planned.
      num_failures: The number of `search_done` that failed.
      best: The best evaluation so far; None before there is any.
      latest: The evaluation that has just come; None when a stage begins.
      stage_seconds_left: The time left for the stage as estimated, in seconds; None
        before there is an estimate.
      search_seconds_left: The time left for the search, likewise.
    """

    stage: int
    num_stages: int
    stage_done: int
    stage_total: int
    search_done: int
    search_total: int
    num_failures: int
    best: Evaluation | None
    latest: Evaluation | None
    stage_seconds_left: float | None
    search_seconds_left: float | None

    def __str__(self) -> str:
        """One line for people, such as a terminal's or a log's."""
        done = f"{self.stage_done}/{self.stage_total}"
        text = f"stage {self.stage}/{self.num_stages}, candidate {done}"
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

    A candidate counts as much work as it has blocks. Only what this process saw being
    evaluated tells about throughput, and only the time spent on it.

    Args:
      plan: The stages of the whole search.
      clock: A function that gives the time in seconds.
    """

    def __init__(
        self,
        plan: Iterable[StagePlan],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._plan = tuple(plan)
        self._clock = clock
        self._work_seen = 0
        self._seconds_seen = 0.0

    def begin_stage(self, state: SearchState) -> Progress:
        """Begins to count the last stage of the state, which goes into training."""
        stage = state.stages[-1]
        later = self._plan[stage.number :]
        pending = state.pending
        self._stage = stage.number
        self._stage_total = len(stage.genomes)
        self._stage_done = self._stage_total - len(pending)
        self._search_done = len(state.evaluations)
        self._search_total = (
            self._search_done
            + len(pending)
            + sum(planned.num_candidates for planned in later)
        )
        self._stage_work_left = _work(pending)
        self._later_work = sum(
            planned.num_candidates * planned.num_blocks for planned in later
        )
        self._best = state.best
        self._num_failures = len(state.evaluations) - len(state.successes)
        self._last_time = self._clock()
        return self._progress(latest=None)

    def add(self, evaluation: Evaluation) -> Progress:
        """Counts an evaluation that has come."""
        now = self._clock()
        self._seconds_seen += now - self._last_time
        self._last_time = now
        work = _work([evaluation.genome])
        self._work_seen += work
        self._stage_work_left -= work
        self._stage_done += 1
        self._search_done += 1
        if evaluation.succeeded:
            candidates = [self._best, evaluation] if self._best else [evaluation]
            self._best = min(candidates, key=rank)
        else:
            self._num_failures += 1
        return self._progress(latest=evaluation)

    def _progress(self, latest: Evaluation | None) -> Progress:
        stage_seconds_left = search_seconds_left = None
        if self._work_seen:
            seconds_per_work = self._seconds_seen / self._work_seen
            stage_seconds_left = self._stage_work_left * seconds_per_work
            search_seconds_left = (
                stage_seconds_left + self._later_work * seconds_per_work
            )
        return Progress(
            stage=self._stage,
            num_stages=max(len(self._plan), self._stage),
            stage_done=self._stage_done,
            stage_total=self._stage_total,
            search_done=self._search_done,
            search_total=self._search_total,
            num_failures=self._num_failures,
            best=self._best,
            latest=latest,
            stage_seconds_left=stage_seconds_left,
            search_seconds_left=search_seconds_left,
        )


def _work(genomes: Iterable[Genome]) -> int:
    return sum(genome.num_blocks for genome in genomes)
