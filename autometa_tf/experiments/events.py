"""What long work tells of itself while it goes on; `str(event)` is a line for people.

Whoever starts a search, a training or a scoring may pass a function that is called with
each event: `print` will do, as will one that draws a curve of a `TrainingProgress`'s
values. A search reports a `search.progress.Progress` as well.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from autometa_tf.candidates.sitting import Sitting
from autometa_tf.plain_text import duration, percent, printable

Reporter = Callable[[Any], None]


def report_nothing(event: Any) -> None:
    """Takes an event and does nothing with it."""


@dataclasses.dataclass(frozen=True)
class Message:
    """Something to know, in words.

    Attributes:
      text: One line.
    """

    text: str

    def __str__(self) -> str:
        # A path with a line break in its name must not make two lines of one.
        return printable(self.text)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SittingBegun:
    """What learners compute with from now on.

    Attributes:
      what: What is computed, such as "candidates".
      sitting: What it computes with.
      before: What the sitting before had in the fields that differ, by name; None where
        there was no sitting before.
    """

    what: str
    sitting: Sitting
    before: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        sitting = self.sitting
        line = (
            f"{self.what}: {sitting.num_parallel_episodes} episode(s) side by side, "
            f"{_kernels(sitting.kernels)}, on {sitting.processor}"
        )
        if not self.before:
            return line
        now = {name: getattr(sitting, name) for name in self.before}
        return (
            f"{line}\nThis machine computes with {_parts(now)}, the sitting before with "
            f"{_parts(self.before)}: scores may differ in the last digits."
        )


def _parts(fields: Mapping[str, Any]) -> str:
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingProgress:
    """How far a full training is.

    Attributes:
      phase: "pretraining", "training" or "scoring".
      done: Batches, outer iterations or episodes done.
      total: Batches, outer iterations or episodes in all.
      seconds_left: An estimate for the phase; None before there is any.
      value: The training loss, or the transductive accuracy so far.
      split: The classes of the episodes, "test" or "validation".
    """

    phase: str
    done: int
    total: int
    seconds_left: float | None
    value: float
    split: str = "test"

    def __str__(self) -> str:
        if self.phase == "pretraining":
            what, value = "pre-training batch", f"loss {self.value:.3f}"
        elif self.phase == "training":
            what, value = "outer iteration", f"loss {self.value:.3f}"
        else:
            what = f"{self.split} episode"
            value = f"transductive {percent(self.value)}"
        return (
            f"{what} {self.done:,}/{self.total:,}: {value} | left: "
            f"{duration(self.seconds_left)}"
        )
