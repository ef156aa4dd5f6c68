"""The card of an exported learner, in the folder of its SavedModel.

It lies in `assets.extra`, the place that TensorFlow keeps for files of others: neither
TensorFlow nor TensorFlow Serving reads it.
"""

import os
import pathlib
from collections.abc import Mapping

CARD, CARD_TEXT = "card.json", "card.md"
_FOLDER = "assets.extra"
_MOST_BYTES = 2**20


def write_card_files(
    saved_model: str | os.PathLike[str], files: Mapping[str, str]
) -> None:
    """Writes the texts by their names, `CARD` and `CARD_TEXT`, into a SavedModel."""
    folder = pathlib.Path(saved_model, _FOLDER)
    for name, text in files.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def read_card_files(saved_model: str | os.PathLike[str]) -> dict[str, str]:
    """What `write_card_files` wrote; nothing where there is none that can be read."""
    files = {}
    for name in (CARD, CARD_TEXT):
        path = pathlib.Path(saved_model, _FOLDER, name)
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            files[name] = path.read_text(encoding="utf-8", errors="replace")
    return files
