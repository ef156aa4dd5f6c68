"""What a run has trained in full of a cell that is its best no more, kept aside."""

import glob
import os
from typing import Any

from autometa_tf.experiments.json_file import read_json

GENOME_FILE_NAME = "genome.json"
# In the run's folder: for each earlier best cell a folder, named 1, 2 and so on.
FOLDER_NAME = "earlier"
# What is of the trained cell alone. Its genome comes last, so that a move that was
# stopped goes on.
_NAMES = (
    "pretraining",
    "checkpoints",
    "saved_model",
    "*_accuracies*.csv",
    GENOME_FILE_NAME,
)


def exchange_trained(folder: str, genome: Any) -> None:
    """Puts aside what the folder has of another cell, and takes out what it had of this.

    Args:
      folder: The run's.
      genome: The cell whose training is to be there, as genome.json has it.
    """
    current = read_json(os.path.join(folder, GENOME_FILE_NAME))
    if current == genome:
        return
    if current is not None:
        _move(folder, _new_place(folder))
    for place in _places(folder):
        if read_json(os.path.join(place, GENOME_FILE_NAME)) == genome:
            _move(place, folder)
            os.rmdir(place)


def _move(source: str, target: str) -> None:
    os.makedirs(target, exist_ok=True)
    for name in _NAMES:
        for path in glob.glob(os.path.join(glob.escape(source), name)):
            os.rename(path, os.path.join(target, os.path.basename(path)))


def _places(folder: str) -> list[str]:
    """The folders that hold a whole training."""
    pattern = os.path.join(glob.escape(folder), FOLDER_NAME, "*", GENOME_FILE_NAME)
    return [os.path.dirname(path) for path in sorted(glob.glob(pattern))]


def _new_place(folder: str) -> str:
    """The first folder that holds no whole training."""
    number = 1
    while True:
        place = os.path.join(folder, FOLDER_NAME, str(number))
        if not os.path.exists(os.path.join(place, GENOME_FILE_NAME)):
            return place
        number += 1
