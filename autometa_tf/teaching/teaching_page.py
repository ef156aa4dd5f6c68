"""Writes a page where one teaches a learner: a folder for any web server."""

import html
import os
import pathlib
import string

from autometa_tf.exports.learner_parts import LearnerParts
from autometa_tf.exports.litert import MODEL_FILE, export_litert
from autometa_tf.exports.litert_settings import LiteRTRoom
from autometa_tf.teaching.litert_js import litert_js_files

_LITERT = "litert"  # The folder of LiteRT's files in that of the page.
_OURS = ("page.css", "page.js", "learner.js", "drawing_pad.js", "photo_place.js")
_TEMPLATE = "index.html"

_HERE = pathlib.Path(__file__).parent


def write_teaching_page(
    parts: LearnerParts,
    name: str,
    folder: str | os.PathLike[str],
    room: LiteRTRoom,
    cache: str | os.PathLike[str] = "",
) -> pathlib.Path:
    """Writes the page, the learner's LiteRT file and what runs it.

    Args:
      parts: The learner.
      name: What the page calls it.
      folder: The folder, made where there is none; files of these names are replaced.
      room: For how many classes and images.
      cache: See `read_files`.

    Returns:
      The page's path.

    Raises:
      ConnectionError: LiteRT for browsers cannot be had.
      ValueError: There are too few or too many classes or images.
      RuntimeError: LiteRT has not all operations of the network.
    """
    # Before the half minute that the learner takes.
    litert = litert_js_files(cache)
    folder = pathlib.Path(folder)
    (folder / _LITERT).mkdir(parents=True, exist_ok=True)
    settings = export_litert(parts, folder, room)
    for file_name, content in litert.items():
        (folder / _LITERT / file_name).write_bytes(content)
    for file_name in _OURS:
        (folder / file_name).write_bytes((_HERE / file_name).read_bytes())
    template = string.Template((_HERE / _TEMPLATE).read_text("utf-8"))
    text = template.substitute(
        kind="drawings" if settings.drawings else "photos",
        learner=html.escape(name),
        kilobytes=f"{(folder / MODEL_FILE).stat().st_size / 1000:,.0f}",
    )
    page = folder / _TEMPLATE
    page.write_text(text, encoding="utf-8")
    return page
