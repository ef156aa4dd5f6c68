"""Checkpoints of a learner: written by time, kept few, read whole or not at all."""

import time

import tensorflow as tf

from autometa_tf.learners.reptile_learner import ReptileLearner, SlotArrays


class CheckpointError(ValueError):
    """The checkpoints of a folder do not belong to this learner, or are damaged."""


class LearnerCheckpoints:
    """Saves and restores a learner in one folder.

    TensorFlow writes a checkpoint under temporary names and points to it last, so a
    process killed while it writes leaves the one before. The contents know no replicas
    and no copies, so a training may go on with other ones.

    Args:
      learner: What to save.
      directory: The folder; made when needed.
      every_seconds: How much work a crash may cost.
      max_to_keep: Older checkpoints are deleted.
    """

    def __init__(
        self,
        learner: ReptileLearner,
        directory: str,
        *,
        every_seconds: float = 60.0,
        max_to_keep: int = 3,
    ):
        self._learner = learner
        self._every_seconds = every_seconds
        self._saved_at = time.monotonic()
        self._arrays = {
            name: tf.Variable(value, trainable=False)
            for name, value in learner.slots()._asdict().items()
        }
        self._checkpoint = tf.train.Checkpoint(**self._arrays)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, directory, max_to_keep
        )

    def save_when_due(self) -> bool:
        """Saves when `every_seconds` have passed since the last time."""
        due = time.monotonic() - self._saved_at >= self._every_seconds
        if due:
            self.save()
        return due

    def save(self) -> None:
        """Saves now."""
        for name, value in self._learner.slots()._asdict().items():
            self._arrays[name].assign(value)
        self._manager.save(checkpoint_number=self._learner.iteration)
        self._saved_at = time.monotonic()

    def restore_latest(self) -> int:
        """Restores the newest checkpoint that can be read, if there is one.

        Returns:
          The learner's iteration afterwards.

        Raises:
          CheckpointError: there are checkpoints, and none can be read.
        """
        failures = []
        for path in reversed(self._manager.checkpoints):
            try:
                status = self._checkpoint.restore(path)
                status.assert_existing_objects_matched()
            except (tf.errors.OpError, AssertionError, ValueError) as error:
                failures.append(f"{path}: {str(error).splitlines()[0]}")
                continue
            values = {name: v.numpy() for name, v in self._arrays.items()}
            values["iteration"] = int(values["iteration"])
            self._learner.restore(SlotArrays(**values))
            return self._learner.iteration
        if failures:
            raise CheckpointError(
                "No checkpoint could be read. Delete the folder to train from the "
                f"start. {'; '.join(failures)}"
            )
        return self._learner.iteration
