"""Progress as lines of text for a terminal or a log."""

import contextlib
import sys
import time

from autometa_tf.reports.plain_text import percent


def say(text: str) -> None:
    """Prints a line at once, with the time of day.

    A terminal, pipe or full disk that takes no more of them ends no run: lines are not
    what it is for.
    """
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def duration(seconds: float | None) -> str:
    """Seconds for people: "42s", "3m 05s", "2h 10m", "3d 04h"."""
    if seconds is None:
        return "?"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02d}h"
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {seconds:02d}s" if minutes else f"{seconds}s"


def trial_line(trial) -> str:
    """One line about a `parallel_trial.Trial`."""
    if len(trial.seconds) == 1:
        return (
            "episodes one at a time, since this TensorFlow has no grouped gradients "
            "(oneDNN)"
        )
    times = ", ".join(f"{n}: {1000 * s:.0f} ms" for n, s in trial.seconds.items())
    remembered = ", measured here before" if trial.is_remembered else ""
    return (
        f"episodes side by side: {trial.fastest} "
        f"(an outer iteration: {times}{remembered})"
    )


def search_line(progress) -> str:
    """One line about a `search.Progress`."""
    done = f"{progress.stage_done}/{progress.stage_total}"
    text = f"stage {progress.stage}/{progress.num_stages}, candidate {done}"
    latest = progress.latest
    if latest is None:
        text += " begins" if not progress.stage_done else " goes on"
    elif latest.succeeded:
        text += f": {percent(latest.score, latest.score_ci95)} {latest.genome}"
    else:
        text += f": failed ({latest.failure}) {latest.genome}"
    if progress.best:
        text += f" | best {percent(progress.best.score)}"
    return (
        f"{text} | left: stage {duration(progress.stage_seconds_left)}, "
        f"search {duration(progress.search_seconds_left)}"
    )


def training_line(progress) -> str:
    """One line about a `full_training.TrainingProgress`."""
    if progress.phase == "training":
        what, value = "outer iteration", f"loss {progress.value:.3f}"
    else:
        what, value = "test episode", f"transductive {percent(progress.value)}"
    return (
        f"{what} {progress.done:,}/{progress.total:,}: {value} | left: "
        f"{duration(progress.seconds_left)}"
    )


def summary_line(summary: dict) -> str:
    """One line about a `summary.json`."""
    accuracy = summary["test_accuracy"]
    scores = {name: percent(a["mean"], a["ci95"]) for name, a in accuracy.items()}
    episodes = accuracy["transductive"]["num_episodes"]
    return (
        f"test accuracy over {episodes:,} episodes: {scores['transductive']} "
        f"transductive, {scores['non_transductive']} non-transductive; "
        f"{summary['num_parameters']:,} parameters"
    )
