"""A classifier in a folder: what it learned, with the learner that it needs.

classifier.json   class names, temperature
adapted.npz       adapted weights, which classes were shown, support images
learner/          the learner as a SavedModel
"""

import json
import math
import os
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from autometa_tf.exports.learner import Classifier, Learner, load_saved_learner
from autometa_tf.exports.new_folder import check_new_folder

_JSON, _ARRAYS, _LEARNER = "classifier.json", "adapted.npz", "learner"
_MAX_JSON_BYTES = 1 << 20
_ADAPTED = ("weights", "shown")
_READ_ERRORS = (OSError, EOFError, KeyError, TypeError, ValueError)
_READ_ERRORS += (NotImplementedError, zipfile.BadZipFile, zlib.error)


def save_classifier(classifier: Classifier, folder: str | os.PathLike[str]) -> None:
    """Keeps a classifier, for `load_classifier` here or on another machine.

    Args:
      classifier: What `Learner.fit` returned.
      folder: A folder that is empty or not there yet.

    Raises:
      ValueError: The folder is not empty, or the labels are neither texts nor whole
        numbers.
    """
    folder = os.fspath(folder)
    check_new_folder(folder)
    if classifier.classes_.dtype.kind not in "Uiu":
        raise ValueError(
            "Classes must be texts or whole numbers to be kept in a file. "
            f"Received: {classifier.classes_.dtype}."
        )
    classifier.learner.save(os.path.join(folder, _LEARNER))
    np.savez_compressed(
        os.path.join(folder, _ARRAYS), support=classifier.support, **classifier.adapted
    )
    content = {
        "classes": classifier.classes_.tolist(),
        "temperature": classifier.temperature,
    }
    # Written last: a folder with it is complete.
    with open(os.path.join(folder, _JSON), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def load_classifier(folder: str | os.PathLike[str]) -> Classifier:
    """Loads a classifier that was kept, without adapting again.

    Raises:
      ValueError: The folder holds none, or a damaged one.
    """
    folder = os.fspath(folder)
    path = os.path.join(folder, _JSON)
    if not os.path.isfile(path):
        raise ValueError(
            f"`classifier` must be a folder with {_JSON} in it, as saving a classifier "
            f"leaves one. Received: {folder!r}."
        )
    learner = load_saved_learner(os.path.join(folder, _LEARNER))
    try:
        with open(path, encoding="utf-8") as file:
            content = json.loads(file.read(_MAX_JSON_BYTES))
        with np.load(os.path.join(folder, _ARRAYS), allow_pickle=False) as arrays:
            support = arrays["support"]
            adapted = {name: arrays[name] for name in _ADAPTED}
        return _restored(learner, content, support, adapted)
    except _READ_ERRORS as error:
        raise ValueError(
            f"Classifier {folder!r}: it is damaged ({type(error).__name__}: {error})."
        ) from None


def _restored(
    learner: Learner,
    content: Mapping[str, Any],
    support: np.ndarray,
    adapted: Mapping[str, np.ndarray],
) -> Classifier:
    """The classifier, once it is known that these make one."""
    classes = np.array(content["classes"])
    if classes.ndim != 1 or classes.dtype.kind not in "Uiu" or len(classes) < 2:
        raise ValueError("classes must be two or more texts or whole numbers")
    if classes.tolist() != sorted(set(classes.tolist())):
        raise ValueError("classes must be distinct and sorted")
    temperature = float(content["temperature"])
    if not 0 < temperature < math.inf:
        raise ValueError("temperature must be above 0 and finite")
    return learner.classifier_of(classes, support, adapted, temperature)
