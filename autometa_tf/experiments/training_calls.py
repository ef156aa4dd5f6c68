"""A training in calls of a few seconds, with checkpoints, a curve and progress."""

import dataclasses
import time

import tensorflow as tf

from autometa_tf.experiments.events import Reporter, TrainingProgress
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.learners.checkpoints import Checkpointed, LearnerCheckpoints

# How long a compiled call should last, so that progress is told and checkpoints are
# made when due, and the call itself costs nothing.
_SECONDS_PER_CALL = 5.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a training.

    Attributes:
      phase: As of `TrainingProgress`.
      total: The iterations of the phase.
      checkpoints_path: Where its checkpoints are.
    """

    phase: str
    total: int
    checkpoints_path: str


def train_part(
    learner: Checkpointed, part: Part, run: RunDirectory, report: Reporter
) -> None:
    """Makes the iterations that are left of a part.

    Args:
      learner: What is trained, restored from the part's checkpoints.
      part: How far, and how it is told.
      run: The run's folder.
      report: Called with each `TrainingProgress`.
    """
    checkpoints = LearnerCheckpoints(learner, part.checkpoints_path)
    begun, start = learner.iteration, None
    writer = tf.summary.create_file_writer(run.training_log_path)
    num_iterations = 1
    while left := part.total - learner.iteration:
        call_start = time.monotonic()
        num_iterations = min(num_iterations, left)
        loss = learner.run(num_iterations)
        checkpoints.save_when_due()
        with writer.as_default(step=learner.iteration):
            tf.summary.scalar(f"{part.phase}_loss", loss)
        now = time.monotonic()
        seconds_left = None
        if start is None:  # The first call traces, which tells nothing about speed.
            begun, start = learner.iteration, now
        else:
            rate = (learner.iteration - begun) / (now - start)
            seconds_left = (part.total - learner.iteration) / rate
            faster = _SECONDS_PER_CALL / (now - call_start)
            num_iterations = max(1, int(num_iterations * min(2.0, faster)))
        report(
            TrainingProgress(
                phase=part.phase,
                done=learner.iteration,
                total=part.total,
                seconds_left=seconds_left,
                value=loss,
            )
        )
    checkpoints.save()
    writer.close()
