"""Finds what a learner is made of, by where its run lies or by its name."""

import os
import pathlib

import tensorflow as tf

from autometa_tf.experiments.export_trained import adaptation_of
from autometa_tf.experiments.learner_card import DRAWINGS
from autometa_tf.experiments.learner_folder import is_learner_folder, read_parts
from autometa_tf.experiments.load_learner import released_folder
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.learner_state import LearnerState

# How the variables of a learner's SavedModel are called in its checkpoint.
_VARIABLE = "_state/{}/.ATTRIBUTES/VARIABLE_VALUE"


def load_parts(where: str | os.PathLike[str]) -> LearnerParts:
    """Loads a learner that was trained in full, as what it is made of.

    Args:
      where: The directory of a `search` or `train` run that has ended, a folder that
        `release_learner` has made, or the name of a learner that comes with the library.
        A folder that is there goes before a name.

    Raises:
      ValueError: There is no learner, or files of it are damaged, or it is a SavedModel,
        which does not say what network it holds.
    """
    path = pathlib.Path(os.fsdecode(where))
    if is_learner_folder(path):
        return read_parts(path)
    run = RunDirectory(path)
    if os.path.isfile(run.config_path):
        return _of_run(run)
    if folder := released_folder(str(path)):
        return read_parts(folder)
    raise ValueError(
        "`where` must be the directory of a run that has ended, a folder with weights.npz "
        "in it, or the name of a released learner; a SavedModel alone does not say what "
        f"network it holds. Received: {str(path)!r}."
    )


def _of_run(run: RunDirectory) -> LearnerParts:
    config = run.experiment.final
    saved_model = pathlib.Path(run.saved_model_path)
    if not (saved_model / "saved_model.pb").is_file():
        raise ValueError(
            "`where` must be the directory of a run that has ended. Received: "
            f"{os.fspath(run)!r}, whose training has not ended. Start its command again "
            "to go on."
        )
    try:
        reader = tf.train.load_checkpoint(saved_model / "variables" / "variables")
        values = {
            name: tf.constant(reader.get_tensor(_VARIABLE.format(path)), tf.float32)
            for name, path in {
                "weights": "weights",
                **{field: f"adam/{field}" for field in AdamState._fields},
            }.items()
        }
    except Exception as error:  # TensorFlow raises a dozen kinds for a damaged one.
        raise ValueError(
            f"{str(saved_model)!r} must be a SavedModel that can be read. "
            f"Received: {str(error).splitlines()[0]}"
        ) from error
    weights = values.pop("weights")
    return LearnerParts(
        network=run.network,
        network_config=config.network,
        task=config.task,
        state=LearnerState(weights, AdamState(**values)),
        adaptation=adaptation_of(config),
        drawings=run.experiment.data.dataset in DRAWINGS,
    )
