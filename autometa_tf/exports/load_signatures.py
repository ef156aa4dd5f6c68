"""Loads a learner's SavedModel, once it is known to have what it is wanted for."""

import os
from collections.abc import Collection
from typing import Any

import tensorflow as tf

# Every learner that was ever exported has this signature.
_FIRST_SIGNATURE = "adapt_and_predict"


def load_signatures(directory: str, names: Collection[str]) -> Any:
    """Loads a SavedModel.

    Args:
      directory: The folder with `saved_model.pb` in it.
      names: Signatures that it must have.

    Returns:
      What `tf.saved_model.load` returns. Its `signatures` work for as long as it is
      kept.

    Raises:
      ValueError: It is no SavedModel, not one of a learner, or was exported before
        there were these signatures.
    """
    if not os.path.isfile(os.path.join(directory, "saved_model.pb")):
        raise ValueError(
            "`saved_model` must be the folder of a SavedModel, with saved_model.pb "
            f"in it. Received: {directory!r}."
        )
    try:
        module = tf.saved_model.load(directory)
        present = set(module.signatures)
    except Exception as error:  # TensorFlow raises a dozen kinds for a damaged one.
        raise ValueError(
            f"{directory!r} must be a SavedModel that can be read. "
            f"Received: {str(error).splitlines()[0]}"
        ) from error
    if missing := [name for name in names if name not in present]:
        way_out = ""
        if _FIRST_SIGNATURE in present:
            way_out = (
                f" It was exported before there was {missing[0]!r}: start the command "
                "of its run again, which trains no more and exports it again."
            )
        raise ValueError(
            "A learner's SavedModel must have the signatures "
            f"{', '.join(names)}. Received: {directory!r}, with "
            f"{', '.join(sorted(present)) or 'none'}.{way_out}"
        )
    return module
