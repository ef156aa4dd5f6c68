"""Tables and texts in Markdown, safe for text that comes from outside."""

import re
from collections.abc import Iterable, Sequence

from autometa_tf.plain_text import one_line

# What Markdown, or HTML within it, would take for something else.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#$~&])")


def escape(text: object) -> str:
    """Text that is shown as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    """A table of cells that are Markdown already.

    Args:
      header: The columns' names.
      rows: The cells.
      align: "l" or "r", left or right, for each column.
    """
    rule = [{"l": ":--", "r": "--:"}[side] for side in align]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def image(title: str, file_name: str, width: int) -> str:
    """A picture that lies beside the text, so many pixels wide where there is room."""
    # Markdown's own pictures have no width, and sharp ones are too large.
    return f'<img src="{file_name}" alt="{title}" width="{width}">'
