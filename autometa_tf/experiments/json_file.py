"""JSON files that are whole, or not there."""

import contextlib
import json
import os
from typing import Any


def write_json(path: str, content: Any) -> None:
    """Writes a file whole or not at all."""
    text = json.dumps(content, indent=1)
    try:
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
        os.replace(f"{path}.new", path)
    except OSError:  # The disk may be full.
        with contextlib.suppress(OSError):
            os.unlink(f"{path}.new")
        raise


def read_json(path: str) -> Any:
    """A file's content, or None when there is none.

    Raises:
      ValueError: It is not JSON.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"{path!r} must be JSON. Received: {error}. Mend it, or give another file "
            "or folder."
        ) from error
