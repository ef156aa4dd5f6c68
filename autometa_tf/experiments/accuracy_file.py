"""Episode accuracies in a CSV file that grows, so that long scoring can go on."""

import contextlib
import csv
import os
from collections.abc import Iterable, Sequence
from typing import TextIO

import numpy as np

_HEADER = ["episode", "transductive", "non_transductive"]


class AccuracyFile:
    """The accuracies of episodes 0, 1, 2... under one description of what was scored.

    Lines are appended and flushed as they come. What a kill leaves half-written at the
    end is cut off; a file of another description is begun anew.

    Args:
      path: The path of the CSV file, whose first line is a comment with the
        description.
      description: One line that names the learner and the episodes.
    """

    def __init__(self, path: str, description: str):
        self._path = path
        self._title = f"# {description}\n"

    def read(self) -> np.ndarray:
        """The accuracies so far, float64 `[episodes, 2]`; begins a file for more."""
        accuracies = self._read_lines()
        try:
            with open(f"{self._path}.new", "w", newline="") as file:
                file.write(self._title)
                csv.writer(file).writerow(_HEADER)
                _write_rows(file, 0, accuracies)
            os.replace(f"{self._path}.new", self._path)
        except OSError:  # The disk may be full.
            with contextlib.suppress(OSError):
                os.unlink(f"{self._path}.new")
            raise
        return np.array(accuracies, np.float64).reshape(-1, 2)

    def append(self, first: int, accuracies: np.ndarray) -> None:
        """Adds the accuracies `[n, 2]` of episodes `first`, `first + 1`..."""
        with open(self._path, "a", newline="") as file:
            _write_rows(file, first, accuracies)

    def _read_lines(self) -> list[list[float]]:
        try:
            with open(self._path, newline="") as file:
                if file.readline() != self._title:
                    return []
                lines = file.read().split("\n")[1:-1]
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        accuracies = []
        for episode, line in enumerate(lines):
            values = line.strip().split(",")
            try:
                number, pair = int(values[0]), [float(v) for v in values[1:]]
            except ValueError:
                break
            if (
                number != episode
                or len(pair) != 2
                or not all(0 <= p <= 1 for p in pair)
            ):
                break
            accuracies.append(pair)
        return accuracies


def _write_rows(
    file: TextIO, first: int, accuracies: Iterable[Sequence[float]]
) -> None:
    csv.writer(file).writerows(
        [first + i, *map(float, pair)] for i, pair in enumerate(accuracies)
    )
