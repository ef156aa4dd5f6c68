"""Exports a learner as one LiteRT file, which learns on a phone or in a browser."""

import json
import os
import pathlib
import re
import tempfile
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.exports.litert_functions import LiteRTFunctions
from autometa_tf.exports.litert_settings import (
    LiteRTRoom,
    LiteRTSettings,
    litert_settings,
)
from autometa_tf.plain_text import one_line

# How the converter names an operation that it cannot convert.
_MISSING = re.compile(r"'?(tf\.\w+)'? op is neither a custom op nor a flex op")

MODEL_FILE, SETTINGS_FILE = "learner.tflite", "learner.json"


def export_litert(
    parts: LearnerParts,
    folder: str | os.PathLike[str],
    room: LiteRTRoom,
) -> LiteRTSettings:
    """Writes `learner.tflite` and its settings, `learner.json`.

    The file has the signatures of `LiteRTFunctions` in builtin operations, so that LiteRT
    needs nothing besides. It takes half a minute or more.

    Args:
      parts: The learner.
      folder: The folder, made where there is none; files of these names are replaced.
      room: For how many classes and images.

    Returns:
      The settings.

    Raises:
      ValueError: There are too few or too many classes or images.
      RuntimeError: LiteRT has not all operations of the network; the message names them.
    """
    settings = litert_settings(parts, room)
    content = convert_signatures(LiteRTFunctions(parts, settings).signatures())
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(content)
    text = json.dumps(settings.to_json(), indent=1)
    (folder / SETTINGS_FILE).write_text(f"{text}\n", encoding="utf-8")
    return settings


def read_settings(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """What `learner.json` holds: see `LiteRTSettings`."""
    return json.loads(pathlib.Path(folder, SETTINGS_FILE).read_text("utf-8"))


def convert_signatures(
    signatures: Mapping[str, tf.types.experimental.ConcreteFunction],
) -> bytes:
    """A LiteRT file with these signatures, in builtin operations only.

    Raises:
      RuntimeError: LiteRT has not all their operations; the message names them.
    """
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(tf.Module(), folder, signatures=dict(signatures))
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=list(signatures)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            return converter.convert()
        except Exception as error:  # The converter's own class is not public.
            names = set(_MISSING.findall(str(error)))
            raise RuntimeError(
                "A network must be of operations that LiteRT has built in. Received: "
                f"{', '.join(sorted(names)) or one_line(error, 200)}."
            ) from error
