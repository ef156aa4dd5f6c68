"""What the live view shows of a search and of a training, as things that rich draws."""

import time
from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.experiments.events import TrainingProgress
from autometa_tf.genomes.genome import Genome
from autometa_tf.plain_text import (
    MISSING,
    decimal,
    duration,
    one_line,
    percent,
    short,
)
from autometa_tf.search.progress import Progress

_NUM_BEST = 5


class Rate:
    """How many a second are done, of what this process saw being done.

    Args:
      clock: A function that gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._of: object = None
        self._first = self._last = (0.0, 0)

    def add(self, of: object, done: int) -> None:
        """Counts what is done of something; another thing begins anew."""
        self._last = (self._clock(), done)
        if of != self._of:
            self._of, self._first = of, self._last

    @property
    def per_second(self) -> float | None:
        """The rate; None before there is any."""
        seconds, count = (b - a for a, b in zip(self._first, self._last, strict=True))
        return count / seconds if seconds > 0 and count > 0 else None


class SearchPanel:
    """Stage and search as bars, the best cells, the predictor, and what has failed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._rate = Rate(clock)
        self._best: dict[Genome, Evaluation] = {}
        self._last_failure = ""
        self.progress: Progress | None = None

    def add(self, progress: Progress) -> None:
        """Takes the news."""
        self.progress = progress
        self._rate.add("search", progress.search_done)
        for found in (progress.best, progress.latest):
            if found is not None and found.succeeded:
                self._keep(found)
        if progress.latest is not None and not progress.latest.succeeded:
            self._last_failure = progress.latest.failure

    def _keep(self, found: Evaluation) -> None:
        """Keeps the best few; who has come further, as a finalist has, is better."""
        self._best[found.genome] = found
        self._best = dict(
            sorted(self._best.items(), key=lambda item: _rank(item[1]))[:_NUM_BEST]
        )

    def __rich__(self) -> RenderableType:
        progress = self.progress
        per_minute = self._rate.per_second and 60 * self._rate.per_second
        bars = _bars()
        stage = "finalists"
        if progress.stage is not None:
            stage = f"stage {progress.stage}/{progress.num_stages}"
        _add_bar(
            bars,
            stage,
            progress.stage_done,
            progress.stage_total,
            f"left: {duration(progress.stage_seconds_left)} | "
            f"{progress.num_running} running",
        )
        _add_bar(
            bars,
            "search",
            progress.search_done,
            progress.search_total,
            f"left: {duration(progress.search_seconds_left)} | "
            f"{short(per_minute)} a minute",
        )
        return Group(bars, self._facts(progress), self._cells())

    def _facts(self, progress: Progress) -> RenderableType:
        facts = Table.grid(padding=(0, 2))
        quality = progress.prediction_quality
        if quality is not None:
            facts.add_row(
                "predictor",
                f"rank correlation {decimal(quality.spearman)} with this stage's "
                f"{quality.num_genomes} scores, off by "
                f"{percent(quality.mean_absolute_error)} in the mean",
            )
        if progress.num_failures:
            reason = one_line(self._last_failure, 60)
            text = f"{progress.num_failures:,}" + (
                f", the last: {reason}" * bool(reason)
            )
            facts.add_row(Text("failed", "red"), Text(text))
        latest = progress.latest
        if latest is not None and latest.succeeded:
            score = percent(latest.score, latest.score_ci95)
            facts.add_row("latest", Text(f"{score} {latest.genome}"))
        return facts

    def _cells(self) -> RenderableType:
        cells = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("best", "weights", "cell"):
            cells.add_column(title, no_wrap=True, justify="left")
        for found in self._best.values():
            cells.add_row(
                percent(found.score, found.score_ci95),
                f"{found.num_parameters:,}" if found.num_parameters else MISSING,
                Text(str(found.genome)),
            )
        return cells


class TrainingPanel:
    """A bar of the training, or of the scoring, with its value, rate and time left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._rate = Rate(clock)
        self.progress: TrainingProgress | None = None

    def add(self, progress: TrainingProgress) -> None:
        """Takes the news."""
        self.progress = progress
        self._rate.add((progress.phase, progress.split, progress.total), progress.done)

    def __rich__(self) -> RenderableType:
        progress = self.progress
        if progress.phase in ("pretraining", "training"):
            what = progress.phase.replace("pretraining", "pre-training")
            value = f"loss {progress.value:.3f}"
        else:
            what = f"{progress.split} episodes"
            value = f"transductive {percent(progress.value)}"
        bars = _bars()
        _add_bar(
            bars,
            what,
            progress.done,
            progress.total,
            f"{value} | {short(self._rate.per_second)} a second | "
            f"left: {duration(progress.seconds_left)}",
        )
        return bars


def _rank(found: Evaluation) -> tuple[float, float]:
    return -found.key.rung, -found.score


def _bars() -> Table:
    bars = Table.grid(padding=(0, 2))
    bars.add_column(no_wrap=True)
    bars.add_column(width=30)
    bars.add_column(no_wrap=True, justify="right")
    bars.add_column(no_wrap=True)
    return bars


def _add_bar(bars: Table, what: str, done: int, total: int, text: str) -> None:
    bar = ProgressBar(total=max(1, total), completed=done)
    bars.add_row(what, bar, f"{done:,}/{total:,}", Text(text))
