"""Progress as lines of text for a terminal or a log."""

import sys
import time

from autometa_tf.plain_text import duration, percent
from autometa_tf.programs.streams import print_to


def say(text: str) -> None:
    """Prints a line at once, with the time of day.

    A terminal, pipe or full disk that takes no more of them ends no run: lines are not
    what it is for. Nor does a path with line breaks in its name make two lines of one.
    """
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    print_to(sys.stderr, f"{time.strftime('%H:%M:%S')} {text}")


def tell(text: str) -> None:
    """Prints a result, on the standard output; nobody needs to read all of it."""
    print_to(sys.stdout, text, forgiven=BrokenPipeError)  # `| head` has read enough.


def say_sitting(what: str, sitting, before: dict | None) -> None:
    """Tells of a `sitting.Sitting`, and of what the one before had in its place."""
    say(sitting_line(what, sitting))
    if before:
        say(sitting_change_line(sitting, before))


def sitting_line(what: str, sitting) -> str:
    """One line about what is computed with a `sitting.Sitting`."""
    kernels = _kernels(sitting.kernels)
    return (
        f"{what}: {sitting.num_parallel_episodes} episode(s) side by side, {kernels}, "
        f"on {sitting.processor}"
    )


def sitting_change_line(sitting, before: dict) -> str:
    """One line about what a sitting has that the one before had not.

    Args:
      sitting: The `sitting.Sitting`.
      before: What the one before had, by field, where that is something else.
    """
    now = {name: getattr(sitting, name) for name in before}
    return (
        f"This machine computes with {_parts(now)}, the sitting before with "
        f"{_parts(before)}: scores may differ in the last digits."
    )


def _parts(fields: dict) -> str:
    texts = {
        "num_parallel_episodes": "{} episode(s) side by side",
        "tensorflow": "TensorFlow {}",
    }
    return ", ".join(
        _kernels(value) if name == "kernels" else texts.get(name, "{}").format(value)
        for name, value in fields.items()
    )


def _kernels(path: str) -> str:
    return "TensorFlow's own operations" if path == "off" else f"{path} kernels"


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
