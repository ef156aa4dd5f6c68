"""Checkpoints of a learner: written by time, kept few, read whole or not at all."""

import io
import os
import pathlib
import time
import zipfile
import zlib
from typing import BinaryIO, Protocol

import numpy as np

from autometa_tf.learners.learner_state import SlotArrays

_SUFFIX, _UNFINISHED_SUFFIX = ".npz", ".npz.unfinished"

# What numpy raises on a file that is damaged, cut off, or none of ours.
_READ_ERRORS = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


class CheckpointError(ValueError):
    """The checkpoints of a folder do not belong to this learner, or are damaged."""


class Checkpointed(Protocol):
    """What is trained by iterations and carries on arrays."""

    @property
    def iteration(self) -> int:
        """Iterations made so far."""

    def run(self, num_iterations: int) -> float:
        """Makes iterations; returns their mean loss."""

    def slots(self) -> SlotArrays:
        """Everything that it carries on."""

    def restore(self, slots: SlotArrays) -> None:
        """Carries on from what `slots` returned."""


class LearnerCheckpoints:
    """Saves and restores a learner in one folder.

    A checkpoint is one file of checksummed numpy arrays, which gets its name when it
    is complete and on the disk. So a process killed while it writes leaves the one
    before. The contents know no replicas and no copies, so a training may go on with
    other ones.

    Args:
      learner: What to save.
      directory: The folder; made when needed.
      every_seconds: How much work a crash may cost.
      max_to_keep: Older checkpoints are deleted.
    """

    def __init__(
        self,
        learner: Checkpointed,
        directory: str,
        *,
        every_seconds: float = 60.0,
        max_to_keep: int = 3,
    ):
        self._learner = learner
        self._directory = pathlib.Path(directory)
        self._every_seconds = every_seconds
        self._max_to_keep = max_to_keep
        self._saved_at = time.monotonic()

    def save_when_due(self) -> bool:
        """Saves when `every_seconds` have passed since the last time."""
        due = time.monotonic() - self._saved_at >= self._every_seconds
        if due:
            self.save()
        return due

    def save(self) -> None:
        """Saves now."""
        self._directory.mkdir(parents=True, exist_ok=True)
        # Digits enough that names sort like numbers.
        name = f"iteration-{self._learner.iteration:010d}"
        unfinished = self._directory / (name + _UNFINISHED_SUFFIX)
        try:
            with unfinished.open("wb") as file:
                _write(file, self._learner.slots())
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self._directory / (name + _SUFFIX))
        finally:  # The disk may be full, and this is in the way of whoever makes room.
            unfinished.unlink(missing_ok=True)
        self._delete_all_but_the_last(name + _SUFFIX)
        self._saved_at = time.monotonic()

    def _delete_all_but_the_last(self, newest: str) -> None:
        """Deletes old checkpoints, half-written ones, and any later than the newest.

        There are later ones where they could not be read, and an older was restored.
        """
        paths = self._paths()
        past = [path for path in paths if path.name <= newest]
        kept = past[-self._max_to_keep :]
        unfinished = self._directory.glob("*" + _UNFINISHED_SUFFIX)
        for path in [*paths, *unfinished]:
            if path not in kept:
                path.unlink(missing_ok=True)

    def _paths(self) -> list[pathlib.Path]:
        """The checkpoints, oldest first."""
        return sorted(self._directory.glob("iteration-*" + _SUFFIX))

    def restore_latest(self) -> int:
        """Restores the newest checkpoint that can be read, if there is one.

        Returns:
          The learner's iteration afterwards.

        Raises:
          CheckpointError: There are checkpoints, and none can be read.
        """
        failures = []
        for path in reversed(self._paths()):
            try:
                with path.open("rb") as file:
                    slots = _read(file, self._learner.slots())
            except _READ_ERRORS as error:
                failures.append(
                    f"{path}: {(str(error) or repr(error)).splitlines()[0]}"
                )
                continue
            self._learner.restore(slots)
            return self._learner.iteration
        if failures:
            raise CheckpointError(
                "No checkpoint could be read. Delete the folder to train from the "
                f"start. {'; '.join(failures)}"
            )
        return self._learner.iteration


def slots_to_bytes(slots: SlotArrays) -> bytes:
    """A learner's state in the form of a checkpoint."""
    file = io.BytesIO()
    _write(file, slots)
    return file.getvalue()


def slots_from_bytes(content: bytes, expected: SlotArrays) -> SlotArrays:
    """What `slots_to_bytes` was given.

    Args:
      content: What it returned.
      expected: Arrays of the types and shapes that it must have.

    Raises:
      CheckpointError: The content is damaged, or of another learner.
    """
    try:
        return _read(io.BytesIO(content), expected)
    except _READ_ERRORS as error:
        raise CheckpointError(
            f"A learner to go on with cannot be read: {str(error) or repr(error)}."
        ) from error


def _write(file: BinaryIO, slots: SlotArrays) -> None:
    np.savez(file, **slots._asdict())


def _read(file: BinaryIO, expected: SlotArrays) -> SlotArrays:
    """Reads a checkpoint whose arrays must have the types and shapes of `expected`."""
    with np.load(file, allow_pickle=False) as arrays:
        slots = {name: arrays[name] for name in SlotArrays._fields}
    for name, array in slots.items():
        wanted = np.asarray(getattr(expected, name))
        if array.dtype != wanted.dtype or array.shape != wanted.shape:
            raise ValueError(
                f"`{name}` must be {wanted.dtype} {list(wanted.shape)}, as this "
                f"learner's. Received: {array.dtype} {list(array.shape)}."
            )
    return SlotArrays(**slots | {"iteration": int(slots["iteration"])})
