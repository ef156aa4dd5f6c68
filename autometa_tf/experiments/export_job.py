"""What `export` does once TensorFlow is there: one learner, one form, perhaps measured."""

import dataclasses
import os
from collections.abc import Callable
from typing import NamedTuple

from autometa_tf.experiments.export_keras import export_keras
from autometa_tf.experiments.learner_folder import TrainedLearner
from autometa_tf.experiments.load_learner import load_learner, load_trained
from autometa_tf.exports.litert import export_litert
from autometa_tf.exports.litert_settings import LiteRTRoom
from autometa_tf.exports.measure import Measured, measure_keras, measure_saved_model
from autometa_tf.exports.measure_litert import measure_litert
from autometa_tf.learners.devices import use_devices
from autometa_tf.machine import cpu_model


class _Format(NamedTuple):
    """How one form of a learner is written, and what tells its costs."""

    write: Callable[[TrainedLearner, str, LiteRTRoom], None]
    measure: Callable[[str], Measured]


def _write_keras(trained: TrainedLearner, path: str, room: LiteRTRoom) -> None:
    del room  # A network takes any number of images.
    export_keras(trained, path)


def _write_litert(trained: TrainedLearner, folder: str, room: LiteRTRoom) -> None:
    export_litert(trained.parts(), folder, room)


_FORMATS = {
    "keras": _Format(_write_keras, measure_keras),
    "litert": _Format(_write_litert, measure_litert),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Costs:
    """What an export costs on this machine.

    Attributes:
      measured: On one thread.
      processor: The model of the CPU.
    """

    measured: Measured
    processor: str

    def __str__(self) -> str:
        return f"on one thread of {self.processor}: {self.measured}"


def export(
    where: str,
    form: str,
    output: str,
    *,
    measure: bool = False,
    room: LiteRTRoom = LiteRTRoom(),
) -> Costs | None:
    """Writes a learner in one form.

    Args:
      where: What `load_learner` takes.
      form: One of the flag's, such as "keras".
      output: The file or folder, which is not there yet.
      measure: Whether to tell what it costs.
      room: For how many classes and images a LiteRT file is.

    Raises:
      ValueError: There is no such learner, or this form cannot be made of it.
    """
    use_devices(num_threads=1)
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    if form == "saved_model":
        load_learner(where).save(output)
        measure_it = measure_saved_model
    else:
        trained = load_trained(where)
        if trained is None:
            raise ValueError(
                "`learner` must be a run directory, or a released learner's folder or "
                f"name, for `format` {form}: a SavedModel holds a graph, and not the "
                f"network that it was made of. Received: {where!r}. Starting the "
                "command of its run again trains no more and leaves what is needed."
            )
        _FORMATS[form].write(trained, output, room)
        measure_it = _FORMATS[form].measure
    if not measure:
        return None
    return Costs(measured=measure_it(output), processor=cpu_model())
